namespace AgentMesh.Inference.Templates.Jinja;

/// <summary>Edits of a text that keep each character's origin.</summary>
internal static class TextEdits
{
    public static MarkedText Strip(MarkedText text, string? characters, bool left = true, bool right = true)
    {
        bool Drops(char c) => characters is null ? PythonText.IsSpace(c) : characters.Contains(c);
        var (start, end) = (0, text.Length);
        while (left && start < end && Drops(text.Value[start])) start++;
        while (right && end > start && Drops(text.Value[end - 1])) end--;
        return text.Slice(start, end - start);
    }

    /// <param name="most">Negative: all.</param>
    public static MarkedText Replace(MarkedText text, MarkedText old, MarkedText with, long most, Meter meter)
    {
        if (most == 0) return text;
        var built = new MarkedBuilder(meter);
        var at = 0;
        if (old.Length == 0)
        {
            foreach (var part in CodePoints.Each(text))
            {
                if (most-- != 0) built.Add(with);
                else most = 0;
                built.Add(part);
            }

            return (most != 0 ? built.Add(with) : built).Build();
        }

        for (int next; most-- != 0 && (next = text.Value.IndexOf(old.Value, at, StringComparison.Ordinal)) >= 0; at = next + old.Length)
        {
            meter.Step();
            built.Add(text.Slice(at, next - at)).Add(with);
        }

        return at == 0 ? text : built.Add(text.Slice(at, text.Length - at)).Build();
    }

    /// <param name="separator">Null: runs of whitespace.</param>
    /// <param name="most">Most cuts; negative: all.</param>
    public static IEnumerable<MarkedText> Split(MarkedText text, string? separator, long most)
    {
        var at = 0;
        if (separator is null)
        {
            while (true)
            {
                while (at < text.Length && PythonText.IsSpace(text.Value[at])) at++;
                if (at >= text.Length) yield break;
                var end = at;
                if (most-- == 0) end = Strip(text, null, left: false).Length;
                else
                    while (end < text.Length && !PythonText.IsSpace(text.Value[end])) end++;
                yield return text.Slice(at, end - at);
                at = end;
            }
        }

        if (separator.Length == 0) throw new EvaluationException("an empty string separates nothing.");
        for (int next; most-- != 0 && (next = text.Value.IndexOf(separator, at, StringComparison.Ordinal)) >= 0; at = next + separator.Length)
            yield return text.Slice(at, next - at);
        yield return text.Slice(at, text.Length - at);
    }

    public static IEnumerable<MarkedText> SplitRight(MarkedText text, string separator, long most)
    {
        if (separator.Length == 0) throw new EvaluationException("an empty string separates nothing.");
        Stack<MarkedText> parts = [];
        var end = text.Length;
        for (int next; most-- != 0 && end > 0 && (next = text.Value.AsSpan(0, end).LastIndexOf(separator, StringComparison.Ordinal)) >= 0; end = next)
            parts.Push(text.Slice(next + separator.Length, end - next - separator.Length));
        parts.Push(text.Slice(0, end));
        return parts;
    }

    public static IEnumerable<MarkedText> Lines(MarkedText text, bool keepEnds = false)
    {
        for (var at = 0; at < text.Length;)
        {
            var end = at;
            while (end < text.Length && !PythonText.IsLineEnd(text.Value[end])) end++;
            var next = end >= text.Length ? end : end + (text.Value[end] == '\r' && end + 1 < text.Length && text.Value[end + 1] == '\n' ? 2 : 1);
            yield return text.Slice(at, (keepEnds ? next : end) - at);
            at = next;
        }
    }

    public static MarkedText Join(MarkedText separator, IEnumerable<MarkedText> parts, Meter meter)
    {
        var built = new MarkedBuilder(meter);
        var first = true;
        foreach (var part in parts)
        {
            if (!first) built.Add(separator);
            first = false;
            built.Add(part);
        }

        return built.Build();
    }

    public static MarkedText Indent(MarkedText text, MarkedText indent, bool first, bool blank, Meter meter)
    {
        var lines = Lines(new MarkedBuilder(meter).Add(text).Add('\n').Build()).ToList();
        var built = new MarkedBuilder(meter);
        for (var i = 0; i < lines.Count; i++)
        {
            if (i > 0) built.Add('\n');
            if (i == 0 ? first : blank || lines[i].Length > 0) built.Add(indent);
            built.Add(lines[i]);
        }

        return built.Build();
    }

    public static MarkedText Upper(MarkedText text) => text.Mapped(text.Value.ToUpperInvariant());

    public static MarkedText Lower(MarkedText text) => text.Mapped(text.Value.ToLowerInvariant());

    public static MarkedText Capitalize(MarkedText text) => text.Length == 0 ? text : text.Mapped(char.ToUpperInvariant(text.Value[0]) + text.Value[1..].ToLowerInvariant());

    /// <summary>Each word's first letter large, the others small.</summary>
    /// <param name="begins">Whether a word begins behind this character.</param>
    public static MarkedText Title(MarkedText text, Func<char, bool> begins)
    {
        var letters = text.Value.ToLowerInvariant().ToCharArray();
        for (var i = 0; i < letters.Length; i++)
            if (i == 0 || begins(letters[i - 1])) letters[i] = char.ToUpperInvariant(letters[i]);
        return text.Mapped(new string(letters));
    }

    public static MarkedText Pad(MarkedText text, long width, char fill, double left, Meter meter)
    {
        var more = width - CodePoints.Count(text.Value);
        if (more <= 0) return text;
        meter.Text(more);
        var before = (int)Math.Floor(more * left);
        return new MarkedBuilder(meter).Add(fill, times: before).Add(text).Add(fill, times: (int)more - before).Build();
    }

    public static MarkedText Escape(MarkedText text, Meter meter)
    {
        var built = new MarkedBuilder(meter);
        for (var i = 0; i < text.Length; i++)
        {
            var escaped = text.Value[i] switch { '&' => "&amp;", '<' => "&lt;", '>' => "&gt;", '"' => "&#34;", '\'' => "&#39;", _ => null };
            if (escaped is null) built.Add(text.Value[i], text[i]);
            else built.Add(escaped, text[i]);
        }

        return built.Build();
    }
}
