namespace AgentMesh.Inference.Templates.Jinja;

/// <summary>What <c>loop</c> is inside of a for.</summary>
internal sealed class Loop(IReadOnlyList<object?> items, int depth)
{
    private object? _seen = new Undefined("nothing seen");

    public int Index { get; set; }

    public object? Attribute(string name, Meter meter) => name switch
    {
        "index" => Index + 1L,
        "index0" => (long)Index,
        "revindex" => (long)(items.Count - Index),
        "revindex0" => items.Count - Index - 1L,
        "first" => Index == 0,
        "last" => Index == items.Count - 1,
        "length" => (long)items.Count,
        "depth" => depth + 1L,
        "depth0" => (long)depth,
        "previtem" => Index > 0 ? items[Index - 1] : new Undefined("the item before the first"),
        "nextitem" => Index + 1 < items.Count ? items[Index + 1] : new Undefined("the item after the last"),
        "cycle" => new Callable("loop.cycle", a => a.Positional.Count > 0 ? a.Positional[Index % a.Positional.Count] : throw new EvaluationException("cycle needs something to go through.")),
        "changed" => new Callable("loop.changed", a =>
        {
            var now = new ListValue([.. a.Positional], tuple: true);
            var same = Python.Equal(_seen, now, meter);
            _seen = now;
            return !same;
        }),
        _ => new Undefined($"'{name}' of a loop"),
    };
}
