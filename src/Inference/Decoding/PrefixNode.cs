namespace AgentMesh.Inference.Decoding;

/// <summary>A run of tokens at [<see cref="Start"/>, <see cref="End"/>) of every sequence that ends here or below.</summary>
internal sealed class PrefixNode(PrefixNode? parent, int start, int[] edge)
{
    public PrefixNode? Parent { get; set; } = parent;

    public int Start { get; set; } = start;

    public int[] Edge { get; set; } = edge;

    public int End => Start + Edge.Length;

    /// <summary>By the first token of their edges.</summary>
    public Dictionary<int, PrefixNode> Children { get; } = [];

    /// <summary>The sequences that end here.</summary>
    public HashSet<int> Holders { get; } = [];

    /// <summary>Sequences at work that end here or below: while there are any, nothing here can go.</summary>
    public int Active { get; set; }

    public bool Pinned { get; set; }

    /// <summary>When it was of use last, on the tree's own count.</summary>
    public long Used { get; set; }

    /// <summary>Some sequence that ends here or below, and so holds all of this run.</summary>
    public int AnyHolder()
    {
        var node = this;
        while (node.Holders.Count == 0) node = node.Children.Values.First();
        return node.Holders.First();
    }
}
