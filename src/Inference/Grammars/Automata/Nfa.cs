namespace AgentMesh.Inference.Grammars;

/// <summary>A nondeterministic automaton over bytes, being built.</summary>
/// <param name="limit">States that it may have; what describes a larger one is refused.</param>
internal sealed class Nfa(int limit = 100_000)
{
    private readonly List<List<Edge>> edges = [];
    private readonly List<List<int>> empty = [];

    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
    public readonly record struct Edge(byte Low, byte High, int To);

    public int Count => edges.Count;

    /// <exception cref="AutomatonSizeException">It has too many states.</exception>
    public int State()
    {
        if (edges.Count >= limit) throw new AutomatonSizeException();
        edges.Add([]);
        empty.Add([]);
        return edges.Count - 1;
    }

    public void On(int from, byte low, byte high, int to) => edges[from].Add(new(low, high, to));

    public void On(int from, char one, int to) => On(from, (byte)one, (byte)one, to);

    public void Skip(int from, int to) => empty[from].Add(to);

    public int Then(int from, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            var next = State();
            On(from, value, value, next);
            from = next;
        }

        return from;
    }

    /// <summary>The deterministic automaton from a state to an accepting one; its states are in the order of their discovery, the start first.</summary>
    /// <exception cref="AutomatonSizeException">It has more states than <paramref name="most"/>, or takes too long to find.</exception>
    public Dfa? Determine(int start, Func<int, bool> accepts, int most = 20_000)
    {
        var known = new Dictionary<StateSet, int>();
        var sets = new List<int[]>();
        var builder = new Dfa.Builder();
        var work = 0L;

        int Number(List<int> states)
        {
            var closed = Close(states);
            work += closed.Length;
            if (work > 4_000_000) throw new AutomatonSizeException();
            if (known.TryGetValue(new(closed), out var number)) return number;
            if (sets.Count >= most) throw new AutomatonSizeException();
            known.Add(new(closed), sets.Count);
            sets.Add(closed);
            return builder.State(Array.Exists(closed, s => accepts(s)));
        }

        Number([start]);
        for (var current = 0; current < sets.Count; current++)
        {
            var all = sets[current].SelectMany(s => edges[s]).ToList();
            work += all.Count;
            var cuts = all.SelectMany(e => new[] { (int)e.Low, e.High + 1 }).Distinct().Order().ToList();
            for (var i = 0; i + 1 < cuts.Count; i++)
            {
                var low = cuts[i];
                var to = all.Where(e => e.Low <= low && low <= e.High).Select(e => e.To).Distinct().ToList();
                if (to.Count > 0) builder.On(current, (byte)low, (byte)(cuts[i + 1] - 1), Number(to));
            }
        }

        return builder.Build();
    }

    private int[] Close(List<int> states)
    {
        var seen = new HashSet<int>(states);
        var pending = new Stack<int>(states);
        while (pending.TryPop(out var state))
            foreach (var next in empty[state])
                if (seen.Add(next)) pending.Push(next);
        var closed = seen.ToArray();
        Array.Sort(closed);
        return closed;
    }

    private readonly struct StateSet(int[] states) : IEquatable<StateSet>
    {
        private readonly int[] states = states;

        public bool Equals(StateSet other) => states.AsSpan().SequenceEqual(other.states);

        public override bool Equals(object? obj) => obj is StateSet other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(states.AsSpan()));
            return hash.ToHashCode();
        }
    }
}

/// <summary>What was described needs an automaton larger than is built for one.</summary>
internal sealed class AutomatonSizeException() : Exception("The automaton is too large.");
