namespace AgentMesh.Inference.Grammars;

/// <summary>
/// Names that a model may choose for an object's members: written without escapes, so that equal names are equal bytes, and none of the declared ones.
/// At every place of a name infinitely many names are ahead: so one that the object does not have yet can always be completed.
/// </summary>
internal static class FreeKeys
{
    /// <param name="but">Names that are taken.</param>
    /// <param name="pattern">What a name must match, with its closing quote; null: anything.</param>
    /// <returns>Null when there are no such names, or only so many.</returns>
    /// <exception cref="AutomatonSizeException">There are too many states.</exception>
    public static Dfa? Build(IReadOnlyCollection<string> but, Dfa? pattern)
    {
        var names = Other(but);
        if (pattern is not null)
        {
            if (Dfa.Both(names, pattern) is not { } both) return null;
            names = both;
        }

        return Endless(names);
    }

    // A tree of the taken names; whoever leaves it may go on as he likes. Characters that need an escape are in no name.
    private static Dfa Other(IReadOnlyCollection<string> but)
    {
        var nfa = new Nfa();
        var free = nfa.State();
        var done = nfa.State();
        Any(nfa, free, free);
        nfa.On(free, '"', done);
        var plain = nfa.Determine(free, s => s == done)!;

        var taken = Dfa.Of(but.Select(System.Text.Encoding.UTF8.GetBytes));
        var builder = new Dfa.Builder();
        var known = new Dictionary<(int Plain, int Taken), int>();
        var pairs = new List<(int Plain, int Taken)>();

        int Number(int p, int t)
        {
            if (known.TryGetValue((p, t), out var number)) return number;
            known.Add((p, t), pairs.Count);
            pairs.Add((p, t));
            return builder.State(plain.Accepts(p));
        }

        Number(0, taken is null ? -1 : 0);
        for (var i = 0; i < pairs.Count; i++)
        {
            var (p, t) = pairs[i];
            foreach (var edge in plain.From(p))
                for (var value = (int)edge.Low; value <= edge.High; value++)
                {
                    if (value == '"' && t >= 0 && taken!.Accepts(t)) continue;
                    builder.On(i, (byte)value, (byte)value, Number(edge.To, t < 0 ? -1 : taken!.Step(t, (byte)value)));
                }
        }

        return builder.Build()!;
    }

    private static void Any(Nfa nfa, int from, int to)
    {
        Characters.Raw(nfa, from, to, 0x20, '"' - 1);
        Characters.Raw(nfa, from, to, '"' + 1, '\\' - 1);
        Characters.Raw(nfa, from, to, '\\' + 1, 0x10FFFF);
    }

    private static Dfa? Endless(Dfa names)
    {
        // States with a circle ahead are those that stay when states without a way on are taken away, again and again.
        var ways = new int[names.Count];
        var into = new List<int>[names.Count];
        for (var s = 0; s < ways.Length; s++) into[s] = [];
        for (var s = 0; s < ways.Length; s++)
            foreach (var edge in names.From(s))
            {
                ways[s]++;
                into[edge.To].Add(s);
            }

        var ends = new Stack<int>(Enumerable.Range(0, ways.Length).Where(s => ways[s] == 0));
        var endless = Enumerable.Repeat(true, ways.Length).ToArray();
        while (ends.TryPop(out var state))
        {
            endless[state] = false;
            foreach (var before in into[state])
                if (--ways[before] == 0) ends.Push(before);
        }

        var builder = new Dfa.Builder();
        for (var s = 0; s < ways.Length; s++) builder.State(names.Accepts(s));
        for (var s = 0; s < ways.Length; s++)
            foreach (var edge in names.From(s)) builder.On(s, edge.Low, edge.High, edge.To);
        return builder.Build(s => endless[s] || names.Accepts(s));
    }
}
