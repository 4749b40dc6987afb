namespace AgentMesh.Inference.Templates.Jinja;

/// <summary>Python's methods of str.</summary>
internal static class StringMethods
{
    /// <returns>Null where a string has no such method.</returns>
    public static Callable? Find(MarkedText text, string name, Meter meter)
    {
        Func<Arguments, object?>? method = name switch
        {
            "strip" => a => TextEdits.Strip(text, Optional(a, 0)),
            "lstrip" => a => TextEdits.Strip(text, Optional(a, 0), right: false),
            "rstrip" => a => TextEdits.Strip(text, Optional(a, 0), left: false),
            "split" => a => List(TextEdits.Split(text, Optional(a, 0, "sep"), Python.Integer(a.Get(1, "maxsplit", -1L), "maxsplit")), meter),
            "rsplit" => a => List(Optional(a, 0, "sep") is { } separator
                ? TextEdits.SplitRight(text, separator, Python.Integer(a.Get(1, "maxsplit", -1L), "maxsplit"))
                : a.Has(1, "maxsplit") ? throw new EvaluationException("rsplit needs a separator with maxsplit.") : TextEdits.Split(text, null, -1), meter),
            "splitlines" => a => List(TextEdits.Lines(text, Python.True(a.Get(0, "keepends", false))), meter),
            "startswith" => a => Affix(a, v => text.Value.StartsWith(v, StringComparison.Ordinal)),
            "endswith" => a => Affix(a, v => text.Value.EndsWith(v, StringComparison.Ordinal)),
            "removeprefix" => a => Given(a, 0) is var v && text.Value.StartsWith(v, StringComparison.Ordinal) ? text.Slice(v.Length, text.Length - v.Length) : text,
            "removesuffix" => a => Given(a, 0) is var v && text.Value.EndsWith(v, StringComparison.Ordinal) ? text.Slice(0, text.Length - v.Length) : text,
            "replace" => a => TextEdits.Replace(text, Python.Text(a.Get(0, "old"), "replace's first argument"), Python.Text(a.Get(1, "new"), "replace's second argument"), Python.Integer(a.Get(2, "count", -1L), "count"), meter),
            "upper" => _ => TextEdits.Upper(text),
            "lower" or "casefold" => _ => TextEdits.Lower(text),
            "title" => _ => TextEdits.Title(text, c => !char.IsLetter(c)),
            "capitalize" => _ => TextEdits.Capitalize(text),
            "swapcase" => _ => text.Mapped(string.Concat(text.Value.Select(c => char.IsUpper(c) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c)))),
            "find" => a => CodePoints.Index(text.Value, text.Value.IndexOf(Given(a, 0), Start(text, a), StringComparison.Ordinal)),
            "rfind" => a => CodePoints.Index(text.Value, text.Value.LastIndexOf(Given(a, 0), StringComparison.Ordinal)),
            "index" => a => text.Value.IndexOf(Given(a, 0), Start(text, a), StringComparison.Ordinal) is >= 0 and var at ? CodePoints.Index(text.Value, at) : throw new EvaluationException("the string does not hold what index looks for."),
            "count" => a => Count(text, Given(a, 0)),
            "join" => a => TextEdits.Join(text, Python.Iterate(a.Get(0, "iterable"), meter).Select(v => Python.Text(v, "what is joined")), meter),
            "format" => a => TextFormat.Braces(text, a, meter),
            "zfill" => a => TextEdits.Pad(text, Python.Integer(a.Get(0, "width"), "a width"), '0', 1, meter),
            "ljust" => a => Pad(text, a, 0, meter),
            "rjust" => a => Pad(text, a, 1, meter),
            "center" => a => Pad(text, a, 0.5, meter),
            "partition" => a => Partition(text, Given(a, 0), text.Value.IndexOf(Given(a, 0), StringComparison.Ordinal), atEnd: false),
            "rpartition" => a => Partition(text, Given(a, 0), text.Value.LastIndexOf(Given(a, 0), StringComparison.Ordinal), atEnd: true),
            "isdigit" or "isdecimal" or "isnumeric" => _ => All(text, char.IsDigit),
            "isalpha" => _ => All(text, char.IsLetter),
            "isalnum" => _ => All(text, char.IsLetterOrDigit),
            "isspace" => _ => All(text, PythonText.IsSpace),
            "isupper" => _ => text.Value.Any(char.IsUpper) && !text.Value.Any(char.IsLower),
            "islower" => _ => text.Value.Any(char.IsLower) && !text.Value.Any(char.IsUpper),
            _ => null,
        };
        return method is null ? null : new Callable($"str.{name}", method);
    }

    private static bool All(MarkedText text, Func<char, bool> test) => text.Length > 0 && text.Value.All(test);

    private static ListValue List(IEnumerable<MarkedText> parts, Meter meter)
    {
        List<object?> items = [];
        foreach (var part in parts)
        {
            meter.Step();
            items.Add(part);
        }

        return new ListValue(items);
    }

    private static string? Optional(Arguments a, int index, string name = "chars") => a.Get(index, name) is { } value ? Python.Text(value, "this method's argument").Value : null;

    private static string Given(Arguments a, int index) => Python.Text(a.Get(index, "value"), "this method's argument").Value;

    private static int Start(MarkedText text, Arguments a)
    {
        var start = Python.Integer(a.Get(1, "start", 0L), "start");
        return (int)Math.Clamp(start < 0 ? start + text.Length : start, 0, text.Length);
    }

    private static bool Affix(Arguments a, Func<string, bool> test) =>
        a.Get(0, "prefix") is ListValue { Tuple: true } any ? any.Items.Any(v => test(Python.Text(v, "what it may start or end with").Value)) : test(Given(a, 0));

    private static long Count(MarkedText text, string part)
    {
        if (part.Length == 0) return CodePoints.Count(text.Value) + 1;
        var count = 0L;
        for (var at = 0; (at = text.Value.IndexOf(part, at, StringComparison.Ordinal)) >= 0; at += part.Length) count++;
        return count;
    }

    private static MarkedText Pad(MarkedText text, Arguments a, double left, Meter meter) =>
        TextEdits.Pad(text, Python.Integer(a.Get(0, "width"), "a width"), a.Has(1, "fillchar") && Python.Text(a.Get(1, "fillchar"), "the fill character") is { Length: 1 } fill ? fill.Value[0] : ' ', left, meter);

    private static ListValue Partition(MarkedText text, string separator, int at, bool atEnd)
    {
        if (separator.Length == 0) throw new EvaluationException("an empty string separates nothing.");
        if (at < 0) return new ListValue(atEnd ? [MarkedText.Empty, MarkedText.Empty, text] : [text, MarkedText.Empty, MarkedText.Empty], tuple: true);
        var after = at + separator.Length;
        return new ListValue([text.Slice(0, at), text.Slice(at, separator.Length), text.Slice(after, text.Length - after)], tuple: true);
    }
}
