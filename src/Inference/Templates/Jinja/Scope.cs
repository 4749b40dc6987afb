namespace AgentMesh.Inference.Templates.Jinja;

/// <summary>Names that are known at a place: a loop's round and a macro have their own, and see those around them.</summary>
internal sealed class Scope(Scope? parent, int loops = 0)
{
    private readonly Dictionary<string, object?> _names = new(StringComparer.Ordinal);

    /// <summary>Loops around this place, up to the macro.</summary>
    public int Loops { get; } = loops;

    public object? this[string name]
    {
        set => _names[name] = value;
    }

    public bool TryFind(string name, out object? value)
    {
        for (var scope = this; scope is not null; scope = scope.Parent)
            if (scope._names.TryGetValue(name, out value)) return true;
        value = null;
        return false;
    }

    private Scope? Parent => parent;
}
