namespace AgentMesh.Inference.Templates.Jinja;

// What a template's expressions are made of: null (none), bool, long, BigInteger (only printed), double, MarkedText, and these.

/// <summary>What is not there: empty where it is printed or looped over, an error where more is asked of it.</summary>
/// <param name="What">How an error calls it.</param>
internal sealed record Undefined(string What)
{
    public bool Equals(Undefined? other) => other is not null;

    public override int GetHashCode() => 0;
}

internal sealed class ListValue(List<object?> items, bool tuple = false)
{
    public List<object?> Items { get; } = items;

    public bool Tuple { get; } = tuple;
}

/// <summary>Keeps the order in which its keys came.</summary>
internal sealed class DictValue
{
    private readonly OrderedDictionary<object, object?> _items = new(KeyComparer.Instance);

    public int Count => _items.Count;

    public IEnumerable<object> Keys => _items.Keys;

    public IEnumerable<KeyValuePair<object, object?>> Items => _items;

    public object? this[object key]
    {
        get => _items[key];
        set => _items[key] = value;
    }

    public DictValue With(string key, object? value)
    {
        this[MarkedText.Own(key)] = value;
        return this;
    }

    public bool TryGet(object? key, out object? value)
    {
        value = null;
        return key is not null && _items.TryGetValue(key, out value);
    }

    public bool Remove(object key) => _items.Remove(key);

    /// <summary>True is 1 and 1.0 is 1, as in Python.</summary>
    private sealed class KeyComparer : IEqualityComparer<object>
    {
        public static readonly KeyComparer Instance = new();

        public new bool Equals(object? x, object? y) => Same(x).Equals(Same(y));

        public int GetHashCode(object obj) => Same(obj).GetHashCode();

        private static object Same(object? key) => key switch { bool b => b ? 1L : 0L, double d when Math.Floor(d) == d && Math.Abs(d) < 1e15 => (long)d, null => "", _ => key };
    }
}

internal sealed class NamespaceValue
{
    public Dictionary<string, object?> Items { get; } = new(StringComparer.Ordinal);
}

/// <summary>What a call was given.</summary>
internal sealed record Arguments(IReadOnlyList<object?> Positional, IReadOnlyDictionary<string, object?> Named)
{
    private static readonly Dictionary<string, object?> NoNames = [];

    public static Arguments None { get; } = new([], NoNames);

    public static Arguments Of(params object?[] positional) => new(positional, NoNames);

    public int Count => Positional.Count + Named.Count;

    /// <summary>By its place or by its name; <paramref name="fallback"/> where it was not given.</summary>
    public object? Get(int index, string name, object? fallback = null) =>
        index < Positional.Count ? Positional[index] : Named.TryGetValue(name, out var value) ? value : fallback;

    public bool Has(int index, string name) => index < Positional.Count || Named.ContainsKey(name);

    public Arguments Skip(int count) => new([.. Positional.Skip(count)], Named);
}

/// <summary>What can be called: a function, a macro, a method of a value.</summary>
internal sealed record Callable(string Name, Func<Arguments, object?> Call);
