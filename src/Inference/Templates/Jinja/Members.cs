using System.Numerics;

namespace AgentMesh.Inference.Templates.Jinja;

/// <summary>value.name, value[index] and the methods of lists and mappings.</summary>
internal static class Members
{
    /// <summary>A method of the value before an entry of that name, as in Jinja.</summary>
    public static object? Attribute(object? value, string name, Meter meter) => value switch
    {
        Undefined undefined => throw new EvaluationException($"{undefined.What} is undefined; it has no '{name}'."),
        MarkedText text => (object?)StringMethods.Find(text, name, meter) ?? Missing(value, name),
        DictValue dict => Method(dict, name, meter) ?? (dict.TryGet(MarkedText.Own(name), out var found) ? found : Missing(value, name)),
        ListValue list => (object?)Method(list, name, meter) ?? Missing(value, name),
        NamespaceValue space => space.Items.TryGetValue(name, out var found) ? found : Missing(value, name),
        Loop loop => loop.Attribute(name, meter),
        _ => Missing(value, name),
    };

    /// <summary>An entry before a method of that name.</summary>
    public static object? Item(object? value, object? index, Meter meter)
    {
        switch (value)
        {
            case Undefined undefined: throw new EvaluationException($"{undefined.What} is undefined; it has no items.");
            case DictValue dict when index is not (ListValue { Tuple: false } or DictValue or Undefined) && dict.TryGet(index is null ? null : Key(index), out var found): return found;
            case ListValue list when Python.Number(index) is long at:
                if (at < 0) at += list.Items.Count;
                return at >= 0 && at < list.Items.Count ? list.Items[(int)at] : new Undefined($"item {at} of a list of {list.Items.Count}");
            case MarkedText text when Python.Number(index) is long at:
                var one = CodePoints.Slice(text, at, at == -1 ? null : at + 1, null, meter);
                return one.Length > 0 ? one : new Undefined($"character {at} of a string");
        }

        return index is MarkedText name ? Attribute(value, name.Value, meter) : new Undefined("an item that is not there");
    }

    /// <summary>What may stand as the key of a mapping.</summary>
    public static object Key(object? value) => value switch
    {
        MarkedText or bool or long or double or BigInteger => value,
        ListValue { Tuple: true } tuple => MarkedText.Own(string.Join('\u0001', tuple.Items.Select(i => Key(i).ToString()))),
        _ => throw new EvaluationException($"{Python.Kind(value)} cannot be the key of a mapping."),
    };

    public static ListValue Pairs(IEnumerable<KeyValuePair<object, object?>> items) => new([.. items.Select(i => new ListValue([i.Key, i.Value], tuple: true))]);

    private static Undefined Missing(object? value, string name) => new($"'{name}' of {Python.Kind(value)}");

    private static Callable? Method(DictValue dict, string name, Meter meter)
    {
        Func<Arguments, object?>? method = name switch
        {
            "items" => _ => Counted(Pairs(dict.Items), meter),
            "keys" => _ => Counted(new ListValue([.. dict.Keys]), meter),
            "values" => _ => Counted(new ListValue([.. dict.Items.Select(i => i.Value)]), meter),
            "get" => a => dict.TryGet(a.Get(0, "key"), out var found) ? found : a.Get(1, "default"),
            "copy" => _ => Copy(dict, meter),
            "pop" => a => Pop(dict, a),
            "update" => a => Update(dict, a, meter),
            "setdefault" => a => dict.TryGet(a.Get(0, "key"), out var found) ? found : dict[Key(a.Get(0, "key"))] = a.Get(1, "default"),
            _ => null,
        };
        return method is null ? null : new Callable($"dict.{name}", method);
    }

    private static Callable? Method(ListValue list, string name, Meter meter)
    {
        Func<Arguments, object?>? method = name switch
        {
            "index" => a => list.Items.FindIndex(i => Python.Equal(i, a.Get(0, "value"), meter)) is >= 0 and var at ? (long)at : throw new EvaluationException("the list does not hold what index looks for."),
            "count" => a => (long)list.Items.Count(i => Python.Equal(i, a.Get(0, "value"), meter)),
            "append" when !list.Tuple => a => Changed(() => list.Items.Add(a.Get(0, "object"))),
            "insert" when !list.Tuple => a => Changed(() => list.Items.Insert((int)Math.Clamp(Python.Integer(a.Get(0, "index"), "a place") is < 0 and var i ? i + list.Items.Count : Python.Integer(a.Get(0, "index"), "a place"), 0, list.Items.Count), a.Get(1, "object"))),
            "extend" when !list.Tuple => a => Python.Iterate(a.Get(0, "iterable"), meter) is var more ? Changed(() => list.Items.AddRange(more)) : null,
            "reverse" when !list.Tuple => _ => Changed(list.Items.Reverse),
            "copy" when !list.Tuple => _ => Counted(new ListValue([.. list.Items]), meter),
            "pop" when !list.Tuple => a => PopItem(list, a),
            _ => null,
        };
        return method is null ? null : new Callable($"list.{name}", method);
    }

    private static object? Changed(Action change)
    {
        change();
        return null;
    }

    private static ListValue Counted(ListValue list, Meter meter)
    {
        meter.Step(list.Items.Count);
        return list;
    }

    private static DictValue Copy(DictValue dict, Meter meter)
    {
        var copy = new DictValue();
        meter.Step(dict.Count);
        foreach (var (key, value) in dict.Items) copy[key] = value;
        return copy;
    }

    private static object? Pop(DictValue dict, Arguments a)
    {
        if (!dict.TryGet(a.Get(0, "key"), out var found)) return a.Has(1, "default") ? a.Get(1, "default") : throw new EvaluationException("the mapping does not hold what pop takes out.");
        dict.Remove(a.Get(0, "key")!);
        return found;
    }

    private static object? Update(DictValue dict, Arguments a, Meter meter)
    {
        if (a.Get(0, "") is DictValue other)
            foreach (var (key, value) in Copy(other, meter).Items) dict[key] = value;
        foreach (var (name, value) in a.Named) dict.With(name, value);
        return null;
    }

    private static object? PopItem(ListValue list, Arguments a)
    {
        var at = a.Has(0, "index") ? Python.Integer(a.Get(0, "index"), "a place") : -1;
        if (at < 0) at += list.Items.Count;
        if (at < 0 || at >= list.Items.Count) throw new EvaluationException("the list does not hold what pop takes out.");
        var item = list.Items[(int)at];
        list.Items.RemoveAt((int)at);
        return item;
    }
}
