using AgentMesh.Inference.Decoding;

namespace AgentMesh.Inference.Grammars;

/// <summary>
/// A vocabulary's tokens by their bytes. Nodes are in the order of a walk that visits a node before its children, so that a subtree is a range of nodes,
/// and its tokens are a range too.
/// </summary>
internal sealed class TokenTrie
{
    private readonly byte[] label;
    private readonly byte[] depth;
    private readonly int[] skip;
    private readonly int[] tokensAt;
    private readonly int[] tokens;

    public TokenTrie(ITokenizer tokenizer)
    {
        var sorted = new List<(byte[] Bytes, int Token)>();
        for (var token = 0; token < tokenizer.Size; token++)
        {
            if (tokenizer.IsEnd(token) || tokenizer.IsControl(token)) continue;
            var bytes = tokenizer.Bytes(token);
            // A text goes on with any other tokens; what is longer than a depth holds is not worth wider nodes.
            if (bytes.Length is > 0 and < byte.MaxValue) sorted.Add((bytes.ToArray(), token));
        }

        sorted.Sort((a, b) => a.Bytes.AsSpan().SequenceCompareTo(b.Bytes) is not 0 and var order ? order : a.Token.CompareTo(b.Token));
        var labels = new List<byte> { 0 };
        var depths = new List<byte> { 0 };
        var starts = new List<int> { 0 };
        byte[] before = [];
        for (var i = 0; i < sorted.Count; i++)
        {
            var bytes = sorted[i].Bytes;
            for (var d = bytes.AsSpan().CommonPrefixLength(before); d < bytes.Length; d++)
            {
                labels.Add(bytes[d]);
                depths.Add((byte)(d + 1));
                starts.Add(i);
            }

            before = bytes;
        }

        starts.Add(sorted.Count);
        (label, depth, tokensAt) = ([.. labels], [.. depths], [.. starts]);
        tokens = [.. sorted.Select(s => s.Token)];
        skip = new int[label.Length];
        var open = new int[byte.MaxValue + 1];
        for (var node = 0; node <= label.Length; node++)
        {
            var at = node < label.Length ? depth[node] : 0;
            var from = node == 0 ? 0 : depth[node - 1];
            if (node > 0)
                for (var d = from; d >= at && (d > 0 || node == label.Length); d--) skip[open[d]] = node;
            if (node < label.Length) open[at] = node;
        }

        Longest = depths.Max();
        Commas = sorted.Count == 0 ? 0 : sorted.Max(s => CommasOf(s.Bytes));
    }

    /// <summary>Bytes of the longest token.</summary>
    public int Longest { get; }

    /// <summary>The most items that a token can begin.</summary>
    public int Commas { get; }

    public int Count => label.Length;

    public byte Label(int node) => label[node];

    /// <summary>Bytes from the root.</summary>
    public int Depth(int node) => depth[node];

    /// <summary>The first node behind the subtree.</summary>
    public int Skip(int node) => skip[node];

    public bool HasChildren(int node) => skip[node] > node + 1;

    /// <summary>The tokens of exactly the node's bytes: those in the range up to its first child's.</summary>
    public ReadOnlySpan<int> Tokens(int node) => tokens.AsSpan(tokensAt[node]..End(node));

    /// <summary>The tokens of the node and all below.</summary>
    public ReadOnlySpan<int> Subtree(int node) => tokens.AsSpan(tokensAt[node]..tokensAt[skip[node]]);

    /// <summary>The child, or -1.</summary>
    public int Child(int node, byte value)
    {
        for (var child = node + 1; child < skip[node]; child = skip[child])
            if (label[child] >= value) return label[child] == value ? child : -1;
        return -1;
    }

    /// <summary>The node of these bytes below a node, or -1.</summary>
    public int Find(int node, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
            if ((node = Child(node, value)) < 0) return -1;
        return node;
    }

    // A node's own tokens come before those of its first child, which begin where the child's do.
    private int End(int node) => HasChildren(node) ? tokensAt[node + 1] : tokensAt[skip[node]];

    // Between two items that one token begins there is at least a byte.
    private static int CommasOf(byte[] bytes)
    {
        var count = 0;
        for (var i = 0; i < bytes.Length; i++)
            if (bytes[i] == ',' && (i == 0 || bytes[i - 1] != ',')) count++;
        return count;
    }
}
