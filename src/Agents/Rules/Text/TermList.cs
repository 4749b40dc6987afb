namespace AgentMesh.Agents.Rules.Text;

/// <summary>A place where a term was found.</summary>
/// <param name="Term">As it is written in the lexicon.</param>
internal readonly record struct TermMatch(string Term, double Weight, int Start, int End);

/// <summary>Weighted words and phrases, matched by stem. <c>~</c> in a phrase stands for up to three words.</summary>
internal sealed class TermList
{
    private const string Gap = "~";
    private const int MaxGap = 3;

    private readonly Dictionary<string, List<Term>> byFirst = new(StringComparer.Ordinal);

    private sealed record Term(string Text, string[] Stems, double Weight);

    public TermList(IEnumerable<(string Term, double Weight)> terms)
    {
        foreach (var (text, weight) in terms)
        {
            var stems = text.Split([' ', '-'], StringSplitOptions.RemoveEmptyEntries).Select(word => word == Gap ? Gap : Words.Stem(word)).ToArray();
            if (stems.Length == 0) continue;
            if (!byFirst.TryGetValue(stems[0], out var list)) byFirst[stems[0]] = list = [];
            list.Add(new Term(text, stems, weight));
        }
        foreach (var list in byFirst.Values)
            list.Sort((a, b) => b.Stems.Length != a.Stems.Length ? b.Stems.Length.CompareTo(a.Stems.Length) : string.CompareOrdinal(a.Text, b.Text));
    }

    /// <summary>Matches from left to right; where several begin at one word the longest is taken, and its words are not matched again.</summary>
    public IReadOnlyList<TermMatch> In(IReadOnlyList<Word> words)
    {
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

    /// <returns>Index of the match's last word; -1 for no match.</returns>
    private static int Last(string[] stems, IReadOnlyList<Word> words, int first)
    {
        var at = first;
        for (var s = 1; s < stems.Length; s++)
        {
            if (stems[s] != Gap)
            {
                if (++at >= words.Count || words[at].Stem != stems[s]) return -1;
                continue;
            }
            s++;
            var next = at + 1;
            while (next < words.Count && next <= at + MaxGap + 1 && words[next].Stem != stems[s]) next++;
            if (next >= words.Count || next > at + MaxGap + 1) return -1;
            at = next;
        }
        return at;
    }
}
