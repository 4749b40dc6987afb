namespace AgentMesh.Inference.Grammars;

/// <summary>
/// The inside of a JSON string with its closing quote: valid UTF-8 without control characters, and escapes. Of \u escapes those of surrogates
/// are left out (the character itself can be written) and that of NUL (databases refuse it).
/// </summary>
internal static class JsonText
{
    /// <summary>At a character's border.</summary>
    public const int Border = 0;

    public static readonly Dfa Dfa = Build();

    /// <summary>Behind the closing quote.</summary>
    public static readonly int Done = Enumerable.Range(0, Dfa.Count).Single(Dfa.Accepts);

    /// <summary>Whether a byte read here begins a character, or is the closing quote.</summary>
    public static bool Counts(int state) => state == Border;

    /// <summary>The next state, or -1: with fewer than <paramref name="min"/> characters the string cannot end, after <paramref name="max"/> it must.</summary>
    public static int Step(int state, byte value, int min, int max) =>
        state == Border && (value == (byte)'"' ? min > 0 : max == 0) ? -1 : Dfa.Step(state, value);

    /// <summary>Strings of so many characters, counted in the states.</summary>
    /// <exception cref="AutomatonSizeException">There are too many states.</exception>
    public static Dfa? Counted(int min, int max)
    {
        var nfa = new Nfa();
        var done = nfa.State();
        var state = nfa.State();
        var start = state;
        for (var i = 0; ; i++)
        {
            if (i >= min) nfa.On(state, '"', done);
            if (i == max) break;
            if (max == int.MaxValue && i >= min)
            {
                Character(nfa, state, state);
                break;
            }

            var next = nfa.State();
            Character(nfa, state, next);
            state = next;
        }

        return nfa.Determine(start, s => s == done);
    }

    private static Dfa Build()
    {
        var nfa = new Nfa();
        var border = nfa.State();
        var done = nfa.State();
        nfa.On(border, '"', done);
        Character(nfa, border, border);
        return nfa.Determine(border, s => s == done)!;
    }

    private static void Character(Nfa nfa, int from, int to)
    {
        Characters.Raw(nfa, from, to, 0x20, '"' - 1);
        Characters.Raw(nfa, from, to, '"' + 1, '\\' - 1);
        Characters.Raw(nfa, from, to, '\\' + 1, 0x10FFFF);
        var slash = nfa.State();
        nfa.On(from, '\\', slash);
        foreach (var letter in "\"\\/bfnrt") nfa.On(slash, letter, to);
        var hex = nfa.State();
        nfa.On(slash, 'u', hex);

        int[] left = [to, nfa.State(), nfa.State(), nfa.State()];
        for (var i = 1; i < 4; i++) Hex(nfa, left[i], left[i - 1], '0', 'f');
        Hex(nfa, hex, left[3], '1', 'c');
        Hex(nfa, hex, left[3], 'e', 'f');
        var surrogate = nfa.State();
        Hex(nfa, hex, surrogate, 'd', 'd');
        Hex(nfa, surrogate, left[2], '0', '7');
        foreach (var rest in (ReadOnlySpan<int>)[left[2], left[1], left[0]])
        {
            var zero = nfa.State();
            nfa.On(hex, '0', zero);
            Hex(nfa, zero, rest, '1', 'f');
            hex = zero;
        }
    }

    private static void Hex(Nfa nfa, int from, int to, char low, char high)
    {
        for (var digit = low; digit <= high; digit++)
        {
            if (digit is > '9' and < 'a') continue;
            nfa.On(from, digit, to);
            if (digit >= 'a') nfa.On(from, char.ToUpperInvariant(digit), to);
        }
    }
}
