namespace AgentMesh.Inference.Grammars;

/// <summary>Ranges of characters as the bytes that stand for them in a JSON string.</summary>
internal static class Characters
{
    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
    public readonly record struct Range(int Low, int High);

    private const int Last = 0x10FFFF;

    /// <summary>The raw bytes (UTF-8) of the characters, surrogates left out.</summary>
    public static void Raw(Nfa nfa, int from, int to, int low, int high)
    {
        if (low < 0xD800 && high > 0xDFFF)
        {
            Raw(nfa, from, to, low, 0xD7FF);
            Raw(nfa, from, to, 0xE000, high);
            return;
        }

        if (low is >= 0xD800 and <= 0xDFFF) low = 0xE000;
        if (high is >= 0xD800 and <= 0xDFFF) high = 0xD7FF;
        if (low > high) return;
        foreach (var end in (ReadOnlySpan<int>)[0x7F, 0x7FF, 0xFFFF])
            if (low <= end && high > end)
            {
                Raw(nfa, from, to, low, end);
                Raw(nfa, from, to, end + 1, high);
                return;
            }

        Encoded(nfa, from, to, low, high, low <= 0x7F ? 0 : low <= 0x7FF ? 1 : low <= 0xFFFF ? 2 : 3, lead: true);
    }

    /// <summary>
    /// The characters as they stand in a JSON string, each in one spelling: raw where that is allowed, else \" \\ \b \t \n \f \r, else \u00xx.
    /// NUL is left out: databases refuse it in text.
    /// </summary>
    public static void Json(Nfa nfa, int from, int to, Range range)
    {
        var (low, high) = (Math.Max(1, range.Low), Math.Min(Last, range.High));
        for (; low <= high && low < 0x20; low++) Escaped(nfa, from, to, low);
        foreach (var special in (ReadOnlySpan<int>)['"', '\\'])
        {
            if (special < low || special > high) continue;
            if (low < special) Raw(nfa, from, to, low, special - 1);
            Escaped(nfa, from, to, special);
            low = special + 1;
        }

        if (low <= high) Raw(nfa, from, to, low, high);
    }

    private static void Escaped(Nfa nfa, int from, int to, int character)
    {
        var letter = character switch { '"' => '"', '\\' => '\\', '\b' => 'b', '\t' => 't', '\n' => 'n', '\f' => 'f', '\r' => 'r', _ => '\0' };
        var slash = nfa.State();
        nfa.On(from, '\\', slash);
        if (letter != '\0') nfa.On(slash, letter, to);
        else nfa.Skip(nfa.Then(slash, System.Text.Encoding.ASCII.GetBytes($"u{character:x4}")), to);
    }

    // `more` continuation bytes follow the first; both ends have the same length.
    private static void Encoded(Nfa nfa, int from, int to, int low, int high, int more, bool lead)
    {
        var mark = !lead ? 0x80 : more switch { 0 => 0, 1 => 0xC0, 2 => 0xE0, _ => 0xF0 };
        if (more == 0)
        {
            nfa.On(from, (byte)(mark | low), (byte)(mark | high), to);
            return;
        }

        var shift = 6 * more;
        var rest = (1 << shift) - 1;
        var (first, last) = (low >> shift, high >> shift);
        if (first == last)
        {
            var next = nfa.State();
            nfa.On(from, (byte)(mark | first), (byte)(mark | first), next);
            Encoded(nfa, next, to, low & rest, high & rest, more - 1, lead: false);
            return;
        }

        if ((low & rest) != 0)
        {
            Encoded(nfa, from, to, low, (first << shift) | rest, more, lead);
            first++;
        }

        var whole = (high & rest) == rest;
        if (!whole)
        {
            Encoded(nfa, from, to, last << shift, high, more, lead);
            last--;
        }

        if (first > last) return;
        var middle = nfa.State();
        nfa.On(from, (byte)(mark | first), (byte)(mark | last), middle);
        for (var i = more; i > 1; i--)
        {
            var next = nfa.State();
            nfa.On(middle, 0x80, 0xBF, next);
            middle = next;
        }

        nfa.On(middle, 0x80, 0xBF, to);
    }
}
