using System.Text.RegularExpressions;

namespace AgentMesh.Agents.Rules.Text;

/// <summary>A word with its place: <c>text[Start..End]</c>.</summary>
internal readonly record struct Word(string Stem, int Start, int End);

/// <summary>Splits text into words and cuts endings so that "charged", "charges" and "charging" meet.</summary>
internal static partial class Words
{
    private static readonly HashSet<string> Common = new(StringComparer.Ordinal)
    {
        "a", "about", "after", "again", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "because", "been", "before", "being", "but", "by",
        "can", "could", "did", "do", "does", "for", "from", "get", "got", "had", "has", "have", "hello", "help", "her", "here", "hi", "his", "how", "i", "if",
        "in", "into", "is", "it", "its", "just", "know", "let", "me", "my", "no", "not", "now", "of", "on", "or", "our", "out", "please", "regards", "she", "so",
        "some", "still", "team", "thank", "thanks", "that", "the", "their", "them", "then", "there", "these", "they", "this", "to", "up", "us", "very", "was",
        "we", "were", "what", "when", "where", "which", "who", "why", "will", "with", "would", "you", "your", "re", "fwd", "fw", "dear", "he", "him", "only",
        "than", "too", "since", "while", "want", "need", "like", "see", "tell", "told", "today", "yesterday", "cheers", "best", "kind", "sent",
    };

    public static IReadOnlyList<Word> Of(string text) =>
        [.. Pattern().Matches(text).Select(match => new Word(Stem(match.Value), match.Index, match.Index + match.Length))];

    /// <summary>Words that carry meaning, in their own spelling and order, each once.</summary>
    public static IEnumerable<string> Informative(string text) =>
        Pattern().Matches(text).Select(match => match.Value.ToLowerInvariant())
            .Where(word => word.Length > 2 && !Common.Contains(word) && !word.All(char.IsAsciiDigit))
            .Distinct(StringComparer.Ordinal);

    public static string Stem(string word)
    {
        var w = word.ToLowerInvariant().Replace('’', '\'');
        if (w.EndsWith("'s", StringComparison.Ordinal)) w = w[..^2];
        w = w.Replace("'", "", StringComparison.Ordinal);
        if (w.Length > 4 && w.EndsWith("ies", StringComparison.Ordinal)) w = w[..^3] + "y";
        else if (w.Length > 3 && w[^1] == 's' && w[^2] is not ('s' or 'u' or 'i')) w = w[..^1];
        if (w.Length > 5 && w.EndsWith("ing", StringComparison.Ordinal)) w = Undouble(w[..^3]);
        else if (w.Length > 4 && w.EndsWith("ed", StringComparison.Ordinal)) w = Undouble(w[..^2]);
        if (w.Length > 3 && w[^1] == 'e') w = w[..^1];
        return w;
    }

    private static string Undouble(string w) =>
        w.Length > 3 && w[^1] == w[^2] && w[^1] is not ('l' or 's' or 'z') ? w[..^1] : w;

    [GeneratedRegex(@"[\p{L}\p{N}]+(?:['’][\p{L}]+)*", RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}
