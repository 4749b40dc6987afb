namespace AgentMesh.Agents.Rules.Text;

/// <summary>A place where a term was found.</summary>
/// <param name="Term">As it is written in the lexicon.</param>
internal readonly record struct TermMatch(string Term, double Weight, int Start, int End);

/// <summary>Weighted words and phrases, matched by stem. <c>~</c> in a phrase stands for up to three words.</summary>
internal sealed class TermList
{
    private const string Gap = "~";
    private const int MaxGap = 3;

    /// <summary>Shorter words have too many neighbours to be corrected.</summary>
    private const int MinTypo = 6;

    private readonly Dictionary<string, List<Term>> byFirst = new(StringComparer.Ordinal);
    private readonly HashSet<string> stems = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> misspelled = new(StringComparer.Ordinal);

    private sealed record Term(string Text, string[] Stems, double Weight);

    public TermList(IEnumerable<(string Term, double Weight)> terms)
    {
        foreach (var (text, weight) in terms)
        {
            var parts = text.Split([' ', '-'], StringSplitOptions.RemoveEmptyEntries).Select(word => word == Gap ? Gap : Words.Stem(word)).ToArray();
            if (parts.Length == 0) continue;
            if (!byFirst.TryGetValue(parts[0], out var list)) byFirst[parts[0]] = list = [];
            list.Add(new Term(text, parts, weight));
            stems.UnionWith(parts);
        }
        foreach (var stem in stems.Where(stem => stem.Length >= MinTypo).Order(StringComparer.Ordinal))
            foreach (var wrong in Misspellings(stem)) misspelled.TryAdd(wrong, stem);
        foreach (var list in byFirst.Values)
            list.Sort((a, b) => b.Stems.Length != a.Stems.Length ? b.Stems.Length.CompareTo(a.Stems.Length) : string.CompareOrdinal(a.Text, b.Text));
    }

    /// <summary>Matches from left to right; where several begin at one word the longest is taken, and its words are not matched again.</summary>
    public IReadOnlyList<TermMatch> In(IReadOnlyList<Word> written)
    {
        var words = Corrected(written);
        var found = new List<TermMatch>();
        for (var i = 0; i < words.Count; i++)
        {
            if (!byFirst.TryGetValue(words[i].Stem, out var list)) continue;
            foreach (var term in list)
            {
                var last = Last(term.Stems, words, i);
                if (last < 0) continue;
                found.Add(new TermMatch(term.Text, term.Weight, words[i].Start, words[last].End));
                i = last;
                break;
            }
        }
        return found;
    }

    private IReadOnlyList<Word> Corrected(IReadOnlyList<Word> written) =>
        written.Any(IsWrong) ? [.. written.Select(word => IsWrong(word) ? word with { Stem = misspelled[word.Stem] } : word)] : written;

    private bool IsWrong(Word word) => !stems.Contains(word.Stem) && misspelled.ContainsKey(word.Stem);

    /// <summary>One letter left out or two swapped. A changed letter often makes another word ("charge", "change"), so that is not corrected.</summary>
    private static IEnumerable<string> Misspellings(string stem)
    {
        for (var i = 1; i < stem.Length; i++) yield return stem.Remove(i, 1);
        for (var i = 1; i < stem.Length - 1; i++) yield return $"{stem.AsSpan(0, i)}{stem[i + 1]}{stem[i]}{stem.AsSpan(i + 2)}";
    }

    /// <returns>Index of the match's last word; -1 for no match.</returns>
    private static int Last(string[] parts, IReadOnlyList<Word> words, int first)
    {
        var at = first;
        for (var s = 1; s < parts.Length; s++)
        {
            if (parts[s] != Gap)
            {
                if (++at >= words.Count || words[at].Stem != parts[s]) return -1;
                continue;
            }
            s++;
            var next = at + 1;
            while (next < words.Count && next <= at + MaxGap + 1 && words[next].Stem != parts[s]) next++;
            if (next >= words.Count || next > at + MaxGap + 1) return -1;
            at = next;
        }
        return at;
    }
}
