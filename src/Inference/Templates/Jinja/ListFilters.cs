using System.Globalization;

namespace AgentMesh.Inference.Templates.Jinja;

/// <summary>Filters of lists, mappings and strings as lists of characters. Those that are lazy in Jinja give lists here.</summary>
internal sealed class ListFilters(Meter meter)
{
    private readonly Tests _tests = new(meter);

    public object? Apply(string name, object? value, Arguments a, Func<string, object?, Arguments, object?> filter)
    {
        // As in Jinja, these take anything false for an empty list.
        if (name is "map" or "select" or "reject" or "selectattr" or "rejectattr" && !Python.True(value)) return new ListValue([]);
        switch (name)
        {
            case "list": return new ListValue(Items(value));
            case "first": return Items(value) is [var first, ..] ? first : new Undefined("the first of an empty list");
            case "last": return Items(value) is [.., var last] ? last : new Undefined("the last of an empty list");
            case "reverse":
                var reversed = Items(value);
                reversed.Reverse();
                return value is MarkedText ? TextEdits.Join(MarkedText.Empty, reversed.Cast<MarkedText>(), meter) : new ListValue(reversed);
            case "join":
                var get = Getter(a.Get(1, "attribute"));
                return TextEdits.Join(PythonText.Str(a.Get(0, "d", MarkedText.Empty), meter), Items(value).Select(item => PythonText.Str(get(item), meter)), meter);
            case "items":
                return value is Undefined ? new ListValue([]) : value is DictValue dict ? Members.Pairs(dict.Items) : throw new EvaluationException($"items needs a mapping, not {Python.Kind(value)}.");
            case "dictsort": return Dictsort(value, a);
            case "sort": return new ListValue([.. Sorted(value, a)]);
            case "unique": return new ListValue([.. Unique(value, a)]);
            case "min" or "max":
                var key = Key(a);
                var items = Items(value);
                if (items.Count == 0) return new Undefined("the least or greatest of an empty list");
                return items.Aggregate((best, item) => Math.Sign(Python.Compare(key(item), key(best), meter)) == (name == "min" ? -1 : 1) ? item : best);
            case "sum":
                var summand = Getter(a.Get(0, "attribute"));
                return Items(value).Aggregate(a.Get(1, "start", 0L), (sum, item) => Python.Apply("+", sum, summand(item), meter));
            case "map": return new ListValue([.. Items(value).Select(Mapping(a, filter))]);
            case "select" or "reject":
                var test = Selection(a);
                return new ListValue([.. Items(value).Where(item => test(item) == (name == "select"))]);
            case "selectattr" or "rejectattr":
                var attribute = Getter(a.Positional.Count > 0 ? a.Positional[0] : throw new EvaluationException($"{name} needs an attribute's name."));
                var rest = Selection(a.Skip(1));
                return new ListValue([.. Items(value).Where(item => rest(attribute(item)) == (name == "selectattr"))]);
            case "batch": return new ListValue([.. Items(value).Chunk((int)Math.Clamp(Python.Integer(a.Get(0, "linecount"), "a batch's size"), 1, int.MaxValue)).Select(part => new ListValue([.. part]))]);
            default: throw new EvaluationException($"there is no filter '{name}'.");
        }
    }

    private List<object?> Items(object? value) => Python.Iterate(value, meter);

    private Func<object?, object?> Mapping(Arguments a, Func<string, object?, Arguments, object?> filter)
    {
        if (a.Positional.Count > 0)
        {
            var name = Python.Text(a.Positional[0], "map's filter").Value;
            var rest = a.Skip(1);
            return item => filter(name, item, rest);
        }

        if (!a.Named.TryGetValue("attribute", out var attribute)) throw new EvaluationException("map needs a filter's name or an attribute.");
        var get = Getter(attribute);
        var hasDefault = a.Named.TryGetValue("default", out var fallback);
        return item => get(item) is var found && found is Undefined && hasDefault ? fallback : found;
    }

    private Func<object?, bool> Selection(Arguments a)
    {
        if (a.Positional.Count == 0) return Python.True;
        var name = Python.Text(a.Positional[0], "a test's name").Value;
        var rest = a.Skip(1);
        return item => _tests.Apply(name, item, rest);
    }

    /// <summary>'a.b.0': an attribute of an attribute's first; null: the value itself.</summary>
    private Func<object?, object?> Getter(object? attribute)
    {
        if (attribute is null) return value => value;
        if (attribute is long index) return value => Members.Item(value, index, meter);
        var parts = Python.Text(attribute, "an attribute's name").Value.Split('.');
        return value => parts.Aggregate(value, (found, part) =>
            Members.Item(found, long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : MarkedText.Own(part), meter));
    }

    /// <summary>What items are ordered and compared by: their attribute, strings without regard to case unless asked for.</summary>
    private Func<object?, object?> Key(Arguments a, int caseAt = 0, int attributeAt = 1)
    {
        var get = Getter(a.Get(attributeAt, "attribute"));
        var exact = Python.True(a.Get(caseAt, "case_sensitive", false));
        return value => get(value) is MarkedText text && !exact ? TextEdits.Lower(text) : get(value);
    }

    private IEnumerable<object?> Sorted(object? value, Arguments a)
    {
        var key = Key(a, 1, 2);
        return Order(Items(value), key, Python.True(a.Get(0, "reverse", false)));
    }

    private List<T> Order<T>(IEnumerable<T> items, Func<T, object?> key, bool reverse)
    {
        var comparer = Comparer<object?>.Create((x, y) => Python.Compare(x, y, meter));
        try
        {
            return (reverse ? items.OrderByDescending(key, comparer) : items.OrderBy(key, comparer)).ToList();
        }
        catch (InvalidOperationException e) when (e.InnerException is EvaluationException)
        {
            throw new EvaluationException(e.InnerException.Message);
        }
    }

    private ListValue Dictsort(object? value, Arguments a)
    {
        if (value is not DictValue dict) throw new EvaluationException($"dictsort needs a mapping, not {Python.Kind(value)}.");
        var exact = Python.True(a.Get(0, "case_sensitive", false));
        var byValue = a.Get(1, "by") is MarkedText { Value: "value" };
        object? Key(KeyValuePair<object, object?> item) => (byValue ? item.Value : item.Key) is MarkedText text && !exact ? TextEdits.Lower(text) : byValue ? item.Value : item.Key;
        return Members.Pairs(Order(dict.Items, Key, Python.True(a.Get(2, "reverse", false))));
    }

    private IEnumerable<object?> Unique(object? value, Arguments a)
    {
        var key = Key(a);
        var seen = new DictValue();
        foreach (var item in Items(value))
        {
            var k = Members.Key(key(item) ?? MarkedText.Own("\0none"));
            if (seen.TryGet(k, out _)) continue;
            seen[k] = null;
            yield return item;
        }
    }
}
