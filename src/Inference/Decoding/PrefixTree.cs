namespace AgentMesh.Inference.Decoding;

/// <summary>
/// What the KV pool holds that can be shared, as a radix tree of tokens. A sequence that ends at a node holds the whole path to it; a node's run of tokens
/// takes its cells once, however many sequences hold it. Sequences are at work or at rest; those at rest are leaves only, one to a leaf, since a path that
/// others hold too needs no one to keep it. Not thread-safe.
/// </summary>
internal sealed class PrefixTree
{
    private readonly PrefixNode _root = new(null, 0, []);
    private readonly Dictionary<int, PrefixNode> _ends = [];
    private readonly HashSet<int> _resting = [];
    private long _clock;

    /// <summary>Cells that all paths take together.</summary>
    public int Tokens { get; private set; }

    /// <summary>Cells that <see cref="Evict"/> could free by and by.</summary>
    public int Evictable => Evictables(_root).Tokens;

    public int Pinned => PinnedBelow(_root);

    /// <summary>How far the pool knows these tokens from their start on, and a sequence that holds them; (0, -1) where not at all.</summary>
    public (int Length, int Sequence) Match(ReadOnlySpan<int> tokens)
    {
        var (node, length) = Walk(tokens);
        if (length == 0) return (0, -1);
        Touch(node);
        return (length, node.AnyHolder());
    }

    /// <summary>How many of a sequence's tokens are paths of the tree.</summary>
    public int Held(int sequence) => _ends.TryGetValue(sequence, out var end) ? end.End : 0;

    /// <summary>
    /// A sequence at work holds these tokens, from their start on; all that it held before must be among them. What was here already is to be shared in the
    /// pool: the tree counts its cells once.
    /// </summary>
    /// <returns>Sequences at rest that nothing needs any more: they are out of the tree, and to be removed.</returns>
    public IReadOnlyList<int> Hold(int sequence, ReadOnlySpan<int> tokens)
    {
        var node = Path(tokens);
        if (_ends.TryGetValue(sequence, out var before))
        {
            if (before == node) return [];
            before.Holders.Remove(sequence);
            Count(before, -1);
        }

        node.Holders.Add(sequence);
        _ends[sequence] = node;
        Count(node, +1);
        Touch(node);
        if (before is not null) Join(before);
        return Redundant(node);
    }

    /// <summary>The sequence's work is over.</summary>
    /// <returns>Whether it stays, at rest, as the keeper of its path; else it is out of the tree, and to be removed.</returns>
    public bool Rest(int sequence)
    {
        if (!_ends.TryGetValue(sequence, out var end)) return false;
        Count(end, -1);
        Touch(end);
        if (end != _root && end.Children.Count == 0 && end.Holders.Count == 1) return _resting.Add(sequence);
        Drop(sequence, end);
        return false;
    }

    /// <summary>The sequence is out of the tree, and what only it held with it.</summary>
    public void Forget(int sequence)
    {
        if (!_ends.TryGetValue(sequence, out var end)) return;
        if (!_resting.Remove(sequence)) Count(end, -1);
        end.Holders.Remove(sequence);
        _ends.Remove(sequence);
        while (end is { Parent: not null, Children.Count: 0, Holders.Count: 0 }) end = Cut(end);
        Join(end);
    }

    /// <summary>Keeps these tokens, which the tree has, whatever else is evicted.</summary>
    public void Pin(ReadOnlySpan<int> tokens) => Path(tokens).Pinned = true;

    public void Unpin() => Unpin(_root);

    /// <summary>Gives up the run of tokens that was of use longest ago.</summary>
    /// <returns>
    /// The sequence that held it, the position from which on it is to be removed, and whether the sequence is out of the tree and to be removed altogether;
    /// null where nothing can go.
    /// </returns>
    public (int Sequence, int From, bool Gone)? Evict()
    {
        PrefixNode? oldest = null;
        var sequence = -1;
        foreach (var resting in _resting)
        {
            var end = _ends[resting];
            if (end.Pinned || end.Active > 0 || (oldest is not null && end.Used >= oldest.Used)) continue;
            (oldest, sequence) = (end, resting);
        }

        if (oldest is null) return null;
        oldest.Holders.Remove(sequence);
        var from = oldest.Start;
        var parent = Cut(oldest);
        if (parent == _root || parent.Children.Count > 0 || parent.Holders.Count > 0)
        {
            _resting.Remove(sequence);
            _ends.Remove(sequence);
            Join(parent);
            return (sequence, 0, true);
        }

        parent.Holders.Add(sequence);
        _ends[sequence] = parent;
        return (sequence, from, false);
    }

    /// <summary>The deepest node that the tokens reach, and how far they agree with it.</summary>
    private (PrefixNode Node, int Length) Walk(ReadOnlySpan<int> tokens)
    {
        var (node, length) = (_root, 0);
        while (length < tokens.Length && node.Children.TryGetValue(tokens[length], out var child))
        {
            var common = child.Edge.AsSpan().CommonPrefixLength(tokens[length..]);
            (node, length) = (child, length + common);
            if (common < child.Edge.Length) break;
        }

        return (node, length);
    }

    /// <summary>The node that ends exactly where the tokens do, made where there is none.</summary>
    private PrefixNode Path(ReadOnlySpan<int> tokens)
    {
        var (node, length) = Walk(tokens);
        if (length < node.End) node = Split(node, length - node.Start);
        if (length == tokens.Length) return node;
        var leaf = new PrefixNode(node, length, tokens[length..].ToArray());
        node.Children.Add(tokens[length], leaf);
        Tokens += leaf.Edge.Length;
        return leaf;
    }

    /// <returns>The upper part, which takes the node's place.</returns>
    private static PrefixNode Split(PrefixNode node, int at)
    {
        var upper = new PrefixNode(node.Parent, node.Start, node.Edge[..at]) { Active = node.Active, Used = node.Used };
        node.Parent!.Children[node.Edge[0]] = upper;
        upper.Children.Add(node.Edge[at], node);
        (node.Parent, node.Start, node.Edge) = (upper, node.Start + at, node.Edge[at..]);
        return upper;
    }

    /// <summary>Makes one of a node that nothing ends at and its only child.</summary>
    private static void Join(PrefixNode node)
    {
        if (node is not { Parent: { } parent, Holders.Count: 0, Pinned: false, Children.Count: 1 }) return;
        var child = node.Children.Values.First();
        (child.Parent, child.Start, child.Edge) = (parent, node.Start, [.. node.Edge, .. child.Edge]);
        parent.Children[child.Edge[0]] = child;
    }

    private PrefixNode Cut(PrefixNode leaf)
    {
        leaf.Parent!.Children.Remove(leaf.Edge[0]);
        Tokens -= leaf.Edge.Length;
        return leaf.Parent;
    }

    private void Drop(int sequence, PrefixNode end)
    {
        end.Holders.Remove(sequence);
        _ends.Remove(sequence);
        Join(end);
    }

    /// <summary>Sequences at rest that end here or above, and that another one holds more than.</summary>
    private List<int> Redundant(PrefixNode node)
    {
        List<int> gone = [];
        for (var above = node; above is not null; above = above.Parent)
            foreach (var sequence in above.Holders)
                if (_resting.Remove(sequence)) gone.Add(sequence);
        foreach (var sequence in gone) Drop(sequence, _ends[sequence]);
        return gone;
    }

    private void Touch(PrefixNode node)
    {
        _clock++;
        for (var at = node; at is not null; at = at.Parent) at.Used = _clock;
    }

    private static void Count(PrefixNode node, int by)
    {
        for (var at = node; at is not null; at = at.Parent) at.Active += by;
    }

    /// <returns>Whether all of it can go, and how many tokens can.</returns>
    private static (bool All, int Tokens) Evictables(PrefixNode node)
    {
        var (all, tokens) = (node.Active == 0 && !node.Pinned, 0);
        foreach (var child in node.Children.Values)
        {
            var (below, can) = Evictables(child);
            all &= below;
            tokens += can;
        }

        return (all, all ? tokens + node.Edge.Length : tokens);
    }

    private static void Unpin(PrefixNode node)
    {
        node.Pinned = false;
        foreach (var child in node.Children.Values) Unpin(child);
    }

    private static int PinnedBelow(PrefixNode node)
    {
        var below = node.Children.Values.Sum(PinnedBelow);
        return below > 0 || node.Pinned ? below + node.Edge.Length : 0;
    }
}
