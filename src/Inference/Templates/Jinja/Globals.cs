namespace AgentMesh.Inference.Templates.Jinja;

/// <summary>The functions that a chat template may call.</summary>
internal static class Globals
{
    /// <summary>Most numbers of a range, as in Jinja's sandbox.</summary>
    private const int LongestRange = 100_000;

    public static object? Find(string name, Meter meter) => name switch
    {
        "range" => new Callable(name, a => Range(a, meter)),
        "namespace" => new Callable(name, Namespace),
        "dict" => new Callable(name, Dict),
        "raise_exception" => new Callable(name, a => throw new EvaluationException(PythonText.Str(a.Get(0, "message"), meter).Value, refused: true)),
        "strftime_now" => new Callable(name, a => MarkedText.Own(TimeFormat.Write(meter.Clock.GetLocalNow(), Python.Text(a.Get(0, "format"), "strftime_now's format").Value))),
        _ => new Undefined($"'{name}'"),
    };

    private static ListValue Range(Arguments a, Meter meter)
    {
        var (start, stop) = a.Positional.Count > 1 ? (Number(0), Number(1)) : (0, Number(0));
        var step = a.Positional.Count > 2 ? Number(2) : 1;
        if (step == 0) throw new EvaluationException("range's step cannot be zero.");
        var count = Math.Max(0, Math.Ceiling(((double)stop - start) / step));
        if (count > LongestRange) throw new EvaluationException($"this range has more than {LongestRange:N0} numbers.");
        meter.Step((int)count);
        return new ListValue([.. Enumerable.Range(0, (int)count).Select(i => (object?)(start + (i * step)))]);
        long Number(int index) => Python.Integer(a.Get(index, "stop"), "a range's bound");
    }

    private static NamespaceValue Namespace(Arguments a)
    {
        var space = new NamespaceValue();
        foreach (var (name, value) in Dict(a).Items) space.Items[((MarkedText)name).Value] = value;
        return space;
    }

    private static DictValue Dict(Arguments a)
    {
        var dict = new DictValue();
        if (a.Positional is [DictValue given])
            foreach (var (key, value) in given.Items) dict[key is MarkedText ? key : throw new EvaluationException("a namespace's names are strings.")] = value;
        else if (a.Positional.Count > 0) throw new EvaluationException("this function takes a mapping or named values.");
        foreach (var (name, value) in a.Named) dict.With(name, value);
        return dict;
    }
}
