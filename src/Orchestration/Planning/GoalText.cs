using AgentMesh.Contracts;

namespace AgentMesh.Orchestration;

/// <summary>A goal's text as words, to be searched for phrases. A phrase under a "no", "don't" or "without" is refused, not asked for.</summary>
public sealed class GoalText
{
    /// <summary>Planning reads no more of a text than this many characters.</summary>
    public const int MaxLength = 8_000;

    /// <summary>How many words a negation reaches.</summary>
    private const int NegationReach = 5;

    private static readonly HashSet<string> Negations = new(StringComparer.Ordinal) { "no", "not", "don't", "dont", "without", "never", "nor" };
    private static readonly HashSet<string> Turns = new(StringComparer.Ordinal) { "but", "just", "only", "instead", "then" };

    private readonly List<(string Word, bool Negated)> _words = [];

    public GoalText(string text)
    {
        var reach = 0;
        var start = -1;
        var limit = Math.Min(text.Length, MaxLength);
        for (var i = 0; i <= limit; i++)
        {
            var c = i < limit ? text[i] : ' ';
            if (char.IsLetterOrDigit(c) || (c is '\'' or '’' && start >= 0))
            {
                if (start < 0) start = i;
                continue;
            }

            if (start >= 0) Add(Stem(text[start..i]));
            start = -1;
            if (c is '.' or ',' or ';' or ':' or '!' or '?' or '\n') reach = 0;
        }

        void Add(string word)
        {
            if (Turns.Contains(word)) reach = 0;
            _words.Add((word, reach > 0));
            reach = Negations.Contains(word) ? NegationReach : Math.Max(0, reach - 1);
        }
    }

    /// <summary>Whether the text has the phrase and does not refuse it.</summary>
    public bool Has(string phrase) => Find(Words(phrase)).Any(at => !_words[at].Negated);

    /// <summary>The kinds that the text asks for, in order of mention, and those it refuses. Longer phrases win over shorter ones within them.</summary>
    public (IReadOnlyList<string> Asked, IReadOnlyList<string> Refused) Kinds(MeshCatalogue catalogue)
    {
        var mentions = catalogue.Kinds.Values
            .SelectMany(k => k.Words.Select(w => (k.Name, Words: Words(w))))
            .SelectMany(k => Find(k.Words).Select(at => (k.Name, At: at, k.Words.Count)))
            .OrderByDescending(m => m.Count).ThenBy(m => m.At).ThenBy(m => m.Name, StringComparer.Ordinal);

        var taken = new bool[_words.Count];
        List<(string Kind, int At, bool Negated)> found = [];
        foreach (var (kind, at, count) in mentions)
        {
            if (taken.AsSpan(at, count).Contains(true)) continue;
            taken.AsSpan(at, count).Fill(true);
            found.Add((kind, at, _words[at].Negated));
        }

        var asked = found.Where(f => !f.Negated).OrderBy(f => f.At).Select(f => f.Kind).Distinct(StringComparer.Ordinal).ToList();
        var refused = found.Where(f => f.Negated).Select(f => f.Kind).Distinct(StringComparer.Ordinal).Except(asked, StringComparer.Ordinal).ToList();
        return (asked, refused);
    }

    private IEnumerable<int> Find(IReadOnlyList<string> phrase)
    {
        for (var at = 0; phrase.Count > 0 && at + phrase.Count <= _words.Count; at++)
        {
            var n = 0;
            while (n < phrase.Count && _words[at + n].Word == phrase[n]) n++;
            if (n == phrase.Count) yield return at;
        }
    }

    private static List<string> Words(string phrase) => [.. new GoalText(phrase)._words.Select(w => w.Word)];

    // Enough English to see that "replies" asks for a reply.
    private static string Stem(string word)
    {
        var lower = word.ToLowerInvariant().Replace('’', '\'').TrimEnd('\'');
        if (lower.EndsWith("'s", StringComparison.Ordinal)) lower = lower[..^2];
        if (lower.Length > 4 && lower.EndsWith("ies", StringComparison.Ordinal)) return lower[..^3] + "y";
        return lower.Length > 3 && lower[^1] == 's' && lower[^2] != 's' ? lower[..^1] : lower;
    }
}
