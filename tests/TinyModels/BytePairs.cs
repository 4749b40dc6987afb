using System.Text;

namespace AgentMesh.TinyModels;

/// <summary>A byte-level BPE vocabulary: every byte, then merges learnt from a text of our own, then merges of those until the size is reached.</summary>
internal sealed class BytePairs
{
    private const int LongestToken = 16;
    private readonly List<string> _tokens = [];
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly List<string> _merges = [];

    /// <param name="size">Tokens in all, at least 256; fewer come out where the text and its pairs give no more.</param>
    public BytePairs(int size, int seed)
    {
        foreach (var letter in Letters) Add(letter.ToString());
        Learn(Math.Min(size, 1200));
        var learnt = _tokens.Count;
        var dice = new Dice(seed, "merges");
        while (_tokens.Count < size) Merge(_tokens[dice.Below(learnt)], _tokens[dice.Below(learnt)]);
    }

    public IReadOnlyList<string> Tokens => _tokens;

    /// <summary>Pairs with a space between, the most important first.</summary>
    public IReadOnlyList<string> Merges => _merges;

    /// <summary>The printable letter that stands for each byte in such vocabularies: itself where it is one, else the next letter from U+0100 on.</summary>
    private static readonly char[] Letters = MakeLetters();

    private static char[] MakeLetters()
    {
        var letters = new char[256];
        var next = 256;
        for (var b = 0; b < 256; b++) letters[b] = b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE ? (char)b : (char)next++;
        return letters;
    }

    private void Learn(int size)
    {
        var words = Corpus.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(w => " " + w).GroupBy(w => w, StringComparer.Ordinal)
            .Select(g => (Parts: Encoding.UTF8.GetBytes(g.Key).Select(b => Letters[b].ToString()).ToList(), Count: g.Count())).ToList();
        while (_tokens.Count < size)
        {
            var pairs = new Dictionary<(string, string), int>();
            foreach (var (parts, count) in words)
                for (var i = 1; i < parts.Count; i++)
                    pairs[(parts[i - 1], parts[i])] = pairs.GetValueOrDefault((parts[i - 1], parts[i])) + count;
            if (pairs.Count == 0) return;
            var (left, right) = pairs.OrderByDescending(p => p.Value).ThenBy(p => p.Key.Item1 + " " + p.Key.Item2, StringComparer.Ordinal).First().Key;
            Merge(left, right);
            foreach (var (parts, _) in words)
                for (var i = parts.Count - 1; i > 0; i--)
                    if (parts[i - 1] == left && parts[i] == right)
                    {
                        parts[i - 1] = left + right;
                        parts.RemoveAt(i);
                    }
        }
    }

    private void Merge(string left, string right)
    {
        if (left.Length + right.Length > LongestToken && _tokens.Count > 1200) return;
        if (Add(left + right)) _merges.Add($"{left} {right}");
    }

    private bool Add(string token)
    {
        if (!_known.Add(token)) return false;
        _tokens.Add(token);
        return true;
    }
}
