using System.Runtime.InteropServices;

namespace AgentMesh.Agents.Rules.Text;

/// <summary>A stretch of a text: <c>text[Start..End]</c>, trimmed.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Span(int Start, int End)
{
    public string In(string text) => text[Start..End];
}

/// <summary>Cuts text into sentences that keep their offsets. A line break ends a sentence only where the next line starts anew.</summary>
internal static class Sentences
{
    private static readonly HashSet<string> Abbreviations = new(StringComparer.OrdinalIgnoreCase) { "e.g", "i.e", "mr", "mrs", "ms", "dr", "no", "nr", "inc", "ltd", "acct", "approx", "vs", "etc", "st" };

    public static IReadOnlyList<Span> Of(string text)
    {
        var found = new List<Span>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (!Ends(text, i)) continue;
            Add(found, text, start, i + 1);
            start = i + 1;
        }
        Add(found, text, start, text.Length);
        return found;
    }

    private static bool Ends(string text, int i)
    {
        if (text[i] == '\n') return i + 1 >= text.Length || NewLineStartsAnew(text, i);
        if (text[i] is not ('.' or '!' or '?' or '…')) return false;
        if (i + 1 < text.Length && !char.IsWhiteSpace(text[i + 1])) return false;
        if (text[i] != '.') return true;
        var word = i;
        while (word > 0 && !char.IsWhiteSpace(text[word - 1])) word--;
        return !Abbreviations.Contains(text[word..i].TrimStart('('));
    }

    /// <summary>Wrapped prose goes on in the next line; lists, greetings and paragraphs do not.</summary>
    private static bool NewLineStartsAnew(string text, int i)
    {
        var before = i - 1;
        while (before >= 0 && text[before] is ' ' or '\t' or '\r') before--;
        var after = i + 1;
        while (after < text.Length && text[after] is ' ' or '\t') after++;
        if (before < 0 || after >= text.Length || text[after] is '\n' or '\r' || text[before] == '\n') return true;
        if (text[before] is ',' or ':' && char.IsUpper(text[after])) return true;
        var line = text.LastIndexOf('\n', Math.Max(0, i - 1)) + 1;
        return text[after] is '-' or '*' or '•' or '>' || (i - line < 45 && char.IsUpper(text[after]));
    }

    private static void Add(List<Span> found, string text, int start, int end)
    {
        while (start < end && char.IsWhiteSpace(text[start])) start++;
        while (end > start && char.IsWhiteSpace(text[end - 1])) end--;
        if (end > start) found.Add(new Span(start, end));
    }
}
