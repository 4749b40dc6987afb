using System.Text.RegularExpressions;

namespace AgentMesh.Tools.Files;

/// <summary>A quote from a file: <c>text[start..end]</c> is the quote, offsets in UTF-16 units, lines from 1.</summary>
internal sealed record Finding(string File, int Start, int End, int Line, string Quote, double Score);

/// <summary>
/// Ranks paragraphs by the query words they hold: rare words weigh more, whole words more than beginnings, and words that stand together a bit more.
/// </summary>
internal sealed partial class FileSearch(string query)
{
    private const int MaxQuote = 400;
    private const double PrefixWeight = 0.6;
    private readonly string[] _words = Words(query);
    private readonly List<Candidate> _candidates = [];
    private readonly Dictionary<string, int> _filesWith = new(StringComparer.Ordinal);
    private int _files;

    /// <param name="Strengths">For each query word, 0 when absent, 1 for a whole word.</param>
    private sealed record Candidate(string File, int Start, int End, int Line, string Quote, double[] Strengths, bool Phrase);

    public void Add(string file, string text)
    {
        _files++;
        var present = new HashSet<string>(StringComparer.Ordinal);
        var line = 1;
        var counted = 0;
        foreach (var (start, end) in Blocks(text))
        {
            var strengths = Strengths(text.AsSpan(start, end - start));
            if (strengths is null) continue;
            line += text.AsSpan(counted, start - counted).Count('\n');
            counted = start;
            for (var i = 0; i < _words.Length; i++)
                if (strengths[i] > 0) present.Add(_words[i]);
            var quote = text[start..end];
            var phrase = _words.Length > 1 && quote.Contains(string.Join(' ', _words), StringComparison.OrdinalIgnoreCase);
            _candidates.Add(new(file, start, end, line, quote, strengths, phrase));
        }

        foreach (var word in present) _filesWith[word] = _filesWith.GetValueOrDefault(word) + 1;
    }

    /// <summary>Best first; equal scores in order of file and place.</summary>
    public IReadOnlyList<Finding> Best(int limit) =>
    [
        .. _candidates.Select(candidate => new Finding(
                candidate.File, candidate.Start, candidate.End, candidate.Line, candidate.Quote, Math.Round(Score(candidate), 4)))
            .OrderByDescending(finding => finding.Score).ThenBy(finding => finding.File, StringComparer.Ordinal).ThenBy(finding => finding.Start)
            .Take(limit),
    ];

    private double Score(Candidate candidate)
    {
        var score = 0.0;
        var matched = 0;
        for (var i = 0; i < _words.Length; i++)
        {
            if (candidate.Strengths[i] == 0) continue;
            matched++;
            score += candidate.Strengths[i] * Math.Log(1 + (_files + 1.0) / (_filesWith.GetValueOrDefault(_words[i]) + 0.5));
        }

        score *= (double)matched / _words.Length;
        return candidate.Phrase ? score * 1.25 : score;
    }

    private double[]? Strengths(ReadOnlySpan<char> block)
    {
        double[]? strengths = null;
        foreach (var match in WordPattern().EnumerateMatches(block))
        {
            var word = block.Slice(match.Index, match.Length);
            for (var i = 0; i < _words.Length; i++)
            {
                var strength = Strength(word, _words[i]);
                if (strength > (strengths?[i] ?? 0)) (strengths ??= new double[_words.Length])[i] = strength;
            }
        }

        return strengths;
    }

    /// <summary>"refunds" meets "refund" and the other way round; short words must be whole.</summary>
    private static double Strength(ReadOnlySpan<char> word, string wanted)
    {
        if (word.Equals(wanted, StringComparison.OrdinalIgnoreCase)) return 1;
        var shorter = Math.Min(word.Length, wanted.Length);
        return shorter >= 4 && Math.Abs(word.Length - wanted.Length) <= 4 && word[..shorter].Equals(wanted.AsSpan(0, shorter), StringComparison.OrdinalIgnoreCase)
            ? PrefixWeight
            : 0;
    }

    /// <summary>Paragraphs, with headings and list items on their own, cut where they are longer than a quote may be.</summary>
    private static IEnumerable<(int Start, int End)> Blocks(string text)
    {
        var start = -1;
        var end = 0;
        for (var at = 0; at < text.Length;)
        {
            var newline = text.IndexOf('\n', at);
            var next = newline < 0 ? text.Length : newline + 1;
            var first = at;
            var last = next;
            while (last > first && char.IsWhiteSpace(text[last - 1])) last--;
            while (first < last && char.IsWhiteSpace(text[first])) first++;
            var blank = first == last;
            var alone = !blank && (text[first] is '#' or '-' or '*' or '|' or '>' || last - at > MaxQuote / 2 || char.IsAsciiDigit(text[first]));
            if (start >= 0 && (blank || alone || last - start > MaxQuote))
            {
                foreach (var piece in Cut(text, start, end)) yield return piece;
                start = -1;
            }

            if (!blank)
            {
                if (start < 0) start = first;
                end = last;
            }

            at = next;
        }

        if (start >= 0)
            foreach (var piece in Cut(text, start, end)) yield return piece;
    }

    private static IEnumerable<(int Start, int End)> Cut(string text, int start, int end)
    {
        while (end - start > MaxQuote)
        {
            var space = text.LastIndexOf(' ', start + MaxQuote, MaxQuote / 2);
            var at = space > start ? space : start + MaxQuote;
            if (char.IsLowSurrogate(text[at])) at--;
            yield return (start, at);
            start = at;
            while (start < end && char.IsWhiteSpace(text[start])) start++;
        }

        if (end > start) yield return (start, end);
    }

    private static string[] Words(string query)
    {
        var all = WordPattern().Matches(query).Select(match => match.Value.ToLowerInvariant()).Distinct(StringComparer.Ordinal).Take(32).ToArray();
        var telling = all.Where(word => !Common.Contains(word)).ToArray();
        return telling.Length > 0 ? telling : all;
    }

    private static readonly HashSet<string> Common = new(StringComparer.Ordinal)
    {
        "a", "an", "and", "are", "about", "as", "at", "be", "by", "can", "do", "does", "for", "from", "has", "have", "how", "i", "in", "is", "it", "its",
        "me", "my", "of", "on", "or", "our", "say", "says", "tell", "that", "the", "their", "there", "they", "this", "to", "us", "was", "we", "what",
        "when", "where", "which", "who", "why", "will", "with", "you", "your",
    };

    [GeneratedRegex(@"[\p{L}\p{N}]+(?:['’_-][\p{L}\p{N}]+)*", RegexOptions.NonBacktracking)]
    private static partial Regex WordPattern();
}
