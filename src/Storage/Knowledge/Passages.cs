namespace AgentMesh.Storage.Knowledge;

/// <summary>A stretch of a document as it is indexed.</summary>
/// <param name="Start">UTF-16 offset of its first character.</param>
/// <param name="End">Offset behind its last character.</param>
/// <param name="Headings">The headings that it stands under, outermost first, the document's title left out.</param>
internal readonly record struct Stretch(int Start, int End, string Headings);

/// <summary>
/// Cuts a text into stretches of a few hundred characters: at headings first, then between paragraphs, then between sentences, and only where a
/// single sentence is too long between words.
/// </summary>
internal static class Passages
{
    private const int Longest = 900;

    /// <summary>Pieces of a long paragraph leave room for the headings above it.</summary>
    private const int LongestPiece = 700;

    /// <summary>A section shorter than this is joined with the next one.</summary>
    private const int Shortest = 450;

    public static string Title(string text, string name)
    {
        foreach (var line in text.AsSpan(0, Math.Min(text.Length, 4000)).EnumerateLines())
        {
            if (Level(line) > 0) return line.Trim("# \t").ToString();
            if (!line.IsWhiteSpace() && line.Length > 120) break;
        }
        return Path.GetFileNameWithoutExtension(name).Replace('-', ' ').Replace('_', ' ');
    }

    public static IReadOnlyList<Stretch> Cut(string text)
    {
        var stretches = new List<Stretch>();
        var headings = new string[7];
        int start = 0, end = 0;
        var under = "";
        foreach (var (from, to, level) in Units(text))
        {
            var enough = end - start >= (level > 0 ? Shortest : 1);
            if (enough && (level > 0 || to - start > Longest)) Flush();
            if (level > 0)
            {
                headings[level] = text[from..to].Trim('#', ' ', '\t');
                Array.Clear(headings, level + 1, 6 - level);
            }
            if (end <= start)
            {
                start = from;
                under = string.Join(" > ", headings.Where((h, i) => i > 1 && h is { Length: > 0 }));
            }
            end = to;
        }
        Flush();
        return stretches;

        void Flush()
        {
            if (end > start) stretches.Add(new(start, end, under));
            start = end;
        }
    }

    /// <summary>Headings, paragraphs, and the sentences of long paragraphs, in order; each at most <see cref="Longest"/> characters, without space at its ends.</summary>
    private static IEnumerable<(int Start, int End, int Level)> Units(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var (lineEnd, next) = Line(text, at);
            if (text.AsSpan(at, lineEnd - at).IsWhiteSpace())
            {
                at = next;
                continue;
            }
            if (Level(text.AsSpan(at, lineEnd - at)) is > 0 and var level && lineEnd - at <= Longest)
            {
                yield return (at, lineEnd, level);
                at = next;
                continue;
            }
            // The paragraph goes to the next empty line or heading.
            var end = lineEnd;
            for (at = Skip(text, at, lineEnd); next < text.Length;)
            {
                var (following, after) = Line(text, next);
                var line = text.AsSpan(next, following - next);
                if (line.IsWhiteSpace() || Level(line) > 0) break;
                (end, next) = (following, after);
            }
            foreach (var (from, to) in Pieces(text, at, TrimEnd(text, at, end))) yield return (from, to, 0);
            at = next;
        }
    }

    private static IEnumerable<(int Start, int End)> Pieces(string text, int start, int end)
    {
        while (end - start > LongestPiece)
        {
            var cut = LastBreak(text, start, start + LongestPiece);
            yield return (start, TrimEnd(text, start, cut));
            start = Skip(text, cut, end);
        }
        if (end > start) yield return (start, end);
    }

    /// <summary>Where to cut before <paramref name="limit"/>: behind the last sentence, else the last word, else between two characters.</summary>
    private static int LastBreak(string text, int start, int limit)
    {
        var word = -1;
        for (var i = limit - 1; i > start + Shortest; i--)
        {
            if (!char.IsWhiteSpace(text[i])) continue;
            if (text[i - 1] is '.' or '!' or '?' or ':' or ';' || text[i] == '\n') return i;
            if (word < 0) word = i;
        }
        if (word > 0) return word;
        return char.IsLowSurrogate(text[limit]) ? limit - 1 : limit;
    }

    private static (int End, int Next) Line(string text, int start)
    {
        var newline = text.IndexOf('\n', start);
        if (newline < 0) return (text.Length, text.Length);
        return (newline > start && text[newline - 1] == '\r' ? newline - 1 : newline, newline + 1);
    }

    private static int Level(ReadOnlySpan<char> line)
    {
        var level = line.IndexOfAnyExcept('#');
        return level is >= 1 and <= 6 && line[level] is ' ' or '\t' ? level : 0;
    }

    private static int Skip(string text, int start, int end)
    {
        while (start < end && char.IsWhiteSpace(text[start])) start++;
        return start;
    }

    private static int TrimEnd(string text, int start, int end)
    {
        while (end > start && char.IsWhiteSpace(text[end - 1])) end--;
        return end;
    }
}
