namespace AgentMesh.Inference.Grammars;

/// <summary>A deterministic automaton over bytes; the start is state 0, and an accepting state can be reached from every state. Immutable.</summary>
internal sealed class Dfa
{
    private const int DenseStates = 256;
    private const int WideBytes = 20;

    private readonly int[] first;
    private readonly Edge[] edges;
    private readonly bool[] accepting;
    private readonly short[]? dense;

    private Dfa(int[] first, Edge[] edges, bool[] accepting)
    {
        (this.first, this.edges, this.accepting) = (first, edges, accepting);
        for (var s = 0; s < accepting.Length && !IsWide; s++)
        {
            var bytes = 0;
            foreach (var edge in From(s)) bytes += edge.High - edge.Low + 1;
            IsWide = bytes >= WideBytes;
        }

        if (accepting.Length > DenseStates) return;
        dense = new short[accepting.Length * 256];
        Array.Fill(dense, (short)-1);
        for (var s = 0; s < accepting.Length; s++)
            foreach (var edge in From(s)) dense.AsSpan((s << 8) + edge.Low, edge.High - edge.Low + 1).Fill((short)edge.To);
    }

    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
    public readonly record struct Edge(byte Low, byte High, int To);

    public int Count => accepting.Length;

    /// <summary>Whether some state goes on with so many bytes that a good part of a vocabulary fits.</summary>
    public bool IsWide { get; }

    public bool Accepts(int state) => accepting[state];

    /// <summary>Whether any byte is read here.</summary>
    public bool Goes(int state) => first[state] < first[state + 1];

    public ReadOnlySpan<Edge> From(int state) => edges.AsSpan(first[state]..first[state + 1]);

    /// <summary>The next state, or -1.</summary>
    public int Step(int state, byte value)
    {
        if (dense is not null) return dense[(state << 8) | value];
        foreach (var edge in From(state))
            if (edge.Low <= value && value <= edge.High) return edge.To;
        return -1;
    }

    public bool Matches(ReadOnlySpan<byte> text)
    {
        var state = 0;
        foreach (var value in text)
            if ((state = Step(state, value)) < 0) return false;
        return accepting[state];
    }

    /// <summary>What both accept; null when that is nothing.</summary>
    /// <exception cref="AutomatonSizeException">There are too many states.</exception>
    public static Dfa? Both(Dfa a, Dfa b, int most = 50_000)
    {
        var known = new Dictionary<(int, int), int>();
        var pairs = new List<(int A, int B)>();
        var builder = new Builder();

        int Number(int x, int y)
        {
            if (known.TryGetValue((x, y), out var number)) return number;
            if (pairs.Count >= most) throw new AutomatonSizeException();
            known.Add((x, y), pairs.Count);
            pairs.Add((x, y));
            return builder.State(a.accepting[x] && b.accepting[y]);
        }

        Number(0, 0);
        for (var i = 0; i < pairs.Count; i++)
            foreach (var mine in a.From(pairs[i].A))
                foreach (var its in b.From(pairs[i].B))
                {
                    var (low, high) = (Math.Max(mine.Low, its.Low), Math.Min(mine.High, its.High));
                    if (low <= high) builder.On(i, low, high, Number(mine.To, its.To));
                }

        return builder.Build();
    }

    /// <summary>An automaton of exactly these texts; null when there are none.</summary>
    public static Dfa? Of(IEnumerable<byte[]> texts)
    {
        var builder = new Builder();
        var known = new Dictionary<(int, byte), int>();
        builder.State(false);
        foreach (var text in texts)
        {
            var state = 0;
            foreach (var value in text)
            {
                if (!known.TryGetValue((state, value), out var next))
                {
                    known.Add((state, value), next = builder.State(false));
                    builder.On(state, value, value, next);
                }

                state = next;
            }

            builder.Accept(state);
        }

        return builder.Build();
    }

    internal sealed class Builder
    {
        private readonly List<List<Edge>> edges = [];
        private readonly List<bool> accepting = [];

        public int Count => edges.Count;

        public int State(bool accepts)
        {
            edges.Add([]);
            accepting.Add(accepts);
            return edges.Count - 1;
        }

        public void Accept(int state) => accepting[state] = true;

        /// <summary>The ranges of a state do not overlap.</summary>
        public void On(int from, byte low, byte high, int to) => edges[from].Add(new(low, high, to));

        /// <param name="keep">Which states stay; those that lead to no accepting one go in any case.</param>
        public Dfa? Build(Func<int, bool>? keep = null)
        {
            var live = Live(keep ?? (_ => true));
            if (!live[0]) return null;
            var number = new int[edges.Count];
            var kept = 0;
            for (var s = 0; s < number.Length; s++) number[s] = live[s] ? kept++ : -1;

            var first = new int[kept + 1];
            var flat = new List<Edge>();
            var accepts = new bool[kept];
            for (var s = 0; s < number.Length; s++)
            {
                if (!live[s]) continue;
                accepts[number[s]] = accepting[s];
                flat.AddRange(edges[s].Where(e => live[e.To]).OrderBy(e => e.Low).Select(e => e with { To = number[e.To] }));
                first[number[s] + 1] = flat.Count;
            }

            return new(first, [.. flat], accepts);
        }

        private bool[] Live(Func<int, bool> keep)
        {
            var into = new List<int>[edges.Count];
            for (var s = 0; s < into.Length; s++) into[s] = [];
            for (var s = 0; s < into.Length; s++)
                foreach (var edge in edges[s]) into[edge.To].Add(s);
            var live = new bool[edges.Count];
            var pending = new Stack<int>(Enumerable.Range(0, edges.Count).Where(s => accepting[s] && keep(s)));
            foreach (var s in pending) live[s] = true;
            while (pending.TryPop(out var state))
                foreach (var before in into[state])
                    if (!live[before] && keep(before))
                    {
                        live[before] = true;
                        pending.Push(before);
                    }

            return live;
        }
    }
}
