namespace AgentMesh.Inference.Grammars;

/// <summary>
/// A regular expression as an automaton over what stands in a JSON string, with the closing quote. Understood: literals, escapes (\d \w \s \D \W \S, \t \n \r \f \v,
/// \xHH, \uHHHH and escaped punctuation), the point, classes, groups without a look around, alternatives, all quantifiers (a lazy one allows the same texts), and
/// ^ and $ at the ends of the expression's alternatives; without them anything may stand before or behind, as JSON Schema wants it.
/// Where engines differ the narrower reading holds: \d \w \s are ASCII, their negations too, the point and negated classes are characters of the basic plane,
/// which are one character for every engine. A character has one spelling: raw where JSON allows it.
/// </summary>
internal sealed class Pattern
{
    private const int MaxStates = 20_000;
    private const int MaxDepth = 100;

    private static readonly Characters.Range[] Digit = [new('0', '9')];
    private static readonly Characters.Range[] Word = [new('0', '9'), new('A', 'Z'), new('_', '_'), new('a', 'z')];
    private static readonly Characters.Range[] Space = [new('\t', '\r'), new(' ', ' ')];
    private static readonly Characters.Range[] Any = Not([new('\n', '\n'), new('\r', '\r'), new(0x85, 0x85), new(0x2028, 0x2029)], 0xFFFF);

    private readonly string text;
    private readonly Nfa nfa = new(MaxStates);
    private readonly int done;
    private int at;
    private int depth;

    private Pattern(string text)
    {
        this.text = text;
        done = nfa.State();
    }

    /// <returns>Null when nothing matches.</returns>
    /// <exception cref="FormatException">It is not a regular expression, or uses what is not understood.</exception>
    /// <exception cref="AutomatonSizeException">It needs too many states.</exception>
    public static Dfa? Compile(string text)
    {
        var pattern = new Pattern(text);
        var start = pattern.nfa.State();
        pattern.Whole(start);
        return pattern.nfa.Determine(start, s => s == pattern.done, MaxStates);
    }

    // Each alternative has its own anchors.
    private void Whole(int start)
    {
        do
        {
            var from = nfa.State();
            nfa.Skip(start, from);
            if (!Take('^')) Loop(from, Anything);
            var to = Run(from);
            if (!Take('$')) Loop(to, Anything);
            nfa.On(to, '"', done);
        }
        while (Take('|'));

        if (at < text.Length) throw new FormatException($"'{text[at]}' at {at} has no beginning, or an anchor stands elsewhere than at an end");
    }

    private static readonly Characters.Range[] Anything = [new(1, 0xFFFF)];

    private void Loop(int state, Characters.Range[] characters)
    {
        foreach (var range in characters) Characters.Json(nfa, state, state, range);
    }

    private int Run(int from)
    {
        while (at < text.Length && text[at] is not ('|' or ')' or '$')) from = Quantified(from);
        return from;
    }

    // A quantified part is read again for each of its copies.
    private int Quantified(int from)
    {
        var part = at;
        var first = nfa.State();
        nfa.Skip(from, first);
        var to = Part(first);
        var (min, max) = Quantifier();
        var end = at;
        if (at < text.Length && text[at] is '*' or '+' or '?' or '{' && (min, max) != (1, 1)) throw new FormatException($"the quantifier at {at} has nothing to repeat");
        if ((min, max) == (1, 1)) return to;

        var exit = nfa.State();
        if (min == 0) nfa.Skip(from, exit);
        var (entry, last) = (first, to);
        for (var copies = 1; copies < (max == int.MaxValue ? Math.Max(1, min) : max); copies++)
        {
            if (copies >= min) nfa.Skip(last, exit);
            entry = nfa.State();
            nfa.Skip(last, entry);
            at = part;
            last = Part(entry);
        }

        at = end;
        if (max == int.MaxValue) nfa.Skip(last, entry);
        if (max > 0) nfa.Skip(last, exit);
        return exit;
    }

    private (int Min, int Max) Quantifier()
    {
        if (at == text.Length) return (1, 1);
        var (min, max) = (1, 1);
        switch (text[at])
        {
            case '*': (min, max) = (0, int.MaxValue); at++; break;
            case '+': (min, max) = (1, int.MaxValue); at++; break;
            case '?': (min, max) = (0, 1); at++; break;
            case '{':
                at++;
                min = Count() ?? throw new FormatException($"a number is expected at {at}");
                max = !Take(',') ? min : Count() ?? int.MaxValue;
                if (!Take('}') || max < min) throw new FormatException($"the quantifier before {at} is not one");
                break;
            default: return (1, 1);
        }

        if (max == 0) throw new FormatException($"the quantifier before {at} allows nothing");
        Take('?');
        return (min, max);
    }

    private int? Count()
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
        if (at == start) return null;
        return at - start <= 5 ? int.Parse(text.AsSpan(start..at), provider: null) : throw new AutomatonSizeException();
    }

    private int Part(int from)
    {
        if (text[at] == '(') return Group(from);
        var to = nfa.State();
        foreach (var range in Class()) Characters.Json(nfa, from, to, range);
        return to;
    }

    private int Group(int from)
    {
        if (++depth > MaxDepth) throw new FormatException("groups are nested too deeply");
        at++;
        if (Take('?'))
        {
            if (Take(':')) { }
            else if (text.AsSpan(at) is ['<', not ('=' or '!'), ..] && text.IndexOf('>', at) is > 0 and var close) at = close + 1;
            else throw new FormatException($"the group at {at - 2} looks around or has options, which is not supported");
        }

        var to = nfa.State();
        do
        {
            nfa.Skip(Run(from), to);
            if (at < text.Length && text[at] == '$') throw new FormatException($"the anchor at {at} is within a group, which is not supported");
        }
        while (Take('|'));
        if (!Take(')')) throw new FormatException("a group is not closed");
        depth--;
        return to;
    }

    private Characters.Range[] Class()
    {
        var c = text[at];
        switch (c)
        {
            case '.': at++; return Any;
            case '[': at++; return Set();
            case '\\': at++; return Escape().Ranges;
            case '*' or '+' or '?' or '{': throw new FormatException($"the quantifier at {at} has nothing to repeat");
            case '^': throw new FormatException($"the anchor at {at} is within the expression, which is not supported");
            default: return [Character()];
        }
    }

    private Characters.Range Character()
    {
        if (!char.IsSurrogate(text[at])) return new(text[at], text[at++]);
        if (!System.Text.Rune.TryGetRuneAt(text, at, out var rune)) throw new FormatException($"half a character stands at {at}");
        at += 2;
        if (at < text.Length && text[at] is '*' or '+' or '?' or '{') throw new FormatException($"the character before {at} is repeated, which engines understand differently");
        return new(rune.Value, rune.Value);
    }

    private Characters.Range[] Set()
    {
        var negated = Take('^');
        var ascii = false;
        var ranges = new List<Characters.Range>();
        while (at < text.Length && text[at] != ']')
        {
            var (low, one) = Member();
            if (at + 1 < text.Length && text[at] == '-' && text[at + 1] != ']')
            {
                at++;
                var (high, last) = Member();
                if (!one || !last || high[0].Low < low[0].Low) throw new FormatException($"the range before {at} is not one");
                ranges.Add(new(low[0].Low, high[0].Low));
            }
            else
            {
                ranges.AddRange(low);
                ascii |= !one;
            }
        }

        if (!Take(']')) throw new FormatException("a class is not closed");
        return negated ? Not(ranges, ascii ? 0x7F : 0xFFFF) : [.. ranges];

        (Characters.Range[] Ranges, bool One) Member()
        {
            if (at == text.Length) throw new FormatException("a class is not closed");
            if (Take('\\')) return Escape(inClass: true);
            if (char.IsSurrogate(text[at])) throw new FormatException($"the character at {at} is beyond the basic plane, which engines understand differently in a class");
            if (text[at] == '[' || (text[at] == '&' && at + 1 < text.Length && text[at + 1] == '&')) throw new FormatException($"'{text[at]}' at {at} in a class must be escaped, for engines understand it differently");
            return ([new(text[at], text[at++])], true);
        }
    }

    // Whether it is one character, which can begin a range.
    private (Characters.Range[] Ranges, bool One) Escape(bool inClass = false)
    {
        if (at == text.Length) throw new FormatException("the expression ends in an escape");
        var c = text[at++];
        return c switch
        {
            'd' => (Digit, false),
            'w' => (Word, false),
            's' => (Space, false),
            'D' => (Not(Digit, 0x7F), false),
            'W' => (Not(Word, 0x7F), false),
            'S' => (Not(Space, 0x7F), false),
            't' => One('\t'),
            'n' => One('\n'),
            'r' => One('\r'),
            'f' => One('\f'),
            'v' => One('\v'),
            'b' when inClass => One('\b'),
            'x' => One(Hex(2)),
            'u' => One(Hex(4)),
            _ when !char.IsAsciiLetterOrDigit(c) && !char.IsSurrogate(c) => One(c),
            _ => throw new FormatException($"the escape \\{c} is not supported"),
        };

        static (Characters.Range[], bool) One(int c) =>
            c is >= 0xD800 and <= 0xDFFF ? throw new FormatException("half a character is escaped") : ([new(c, c)], true);
    }

    private int Hex(int digits)
    {
        if (at + digits > text.Length || !int.TryParse(text.AsSpan(at, digits), System.Globalization.NumberStyles.AllowHexSpecifier, provider: null, out var value))
            throw new FormatException($"{digits} hexadecimal digits are expected at {at}");
        at += digits;
        return value;
    }

    private bool Take(char c)
    {
        if (at >= text.Length || text[at] != c) return false;
        at++;
        return true;
    }

    private static Characters.Range[] Not(IEnumerable<Characters.Range> ranges, int last)
    {
        var result = new List<Characters.Range>();
        var next = 0;
        foreach (var range in ranges.OrderBy(r => r.Low))
        {
            if (range.Low > next) result.Add(new(next, Math.Min(last, range.Low - 1)));
            next = Math.Max(next, range.High + 1);
            if (next > last) return [.. result];
        }

        result.Add(new(next, last));
        return [.. result];
    }
}
