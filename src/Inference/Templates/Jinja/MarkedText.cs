namespace AgentMesh.Inference.Templates.Jinja;

/// <summary>
/// A text that knows of each character whether it comes from outside (a message, a tool's schema) or from the template.
/// Whatever a template does with its values, a character from outside stays one.
/// </summary>
/// <remarks>Equal by its characters alone, so that a template cannot see the difference.</remarks>
internal sealed class MarkedText : IEquatable<MarkedText>
{
    public static readonly MarkedText Empty = new("", outside: false);

    private readonly bool _all;
    private readonly bool[]? _marks;

    public MarkedText(string value, bool outside)
    {
        Value = value;
        _all = outside;
    }

    public MarkedText(string value, bool[] marks)
    {
        Value = value;
        _all = marks.Length > 0 && marks[0];
        if (Array.IndexOf(marks, !_all) >= 0) _marks = marks;
    }

    public string Value { get; }

    public int Length => Value.Length;

    /// <summary>All its characters have one origin: <see cref="this[int]"/> of any.</summary>
    public bool Uniform => _marks is null;

    public bool AnyOutside => _all || _marks is not null;

    /// <summary>Whether the character comes from outside.</summary>
    public bool this[int index] => _marks?[index] ?? _all;

    public static MarkedText Own(string value) => value.Length == 0 ? Empty : new(value, outside: false);

    /// <summary>Another text of the same origin; from outside where any of this is.</summary>
    public MarkedText Like(string value) => new(value, AnyOutside);

    /// <summary>Another text, each of whose characters took the place of one of this.</summary>
    public MarkedText Mapped(string value) => value.Length != Length ? Like(value) : _marks is null ? new(value, _all) : new(value, _marks);

    public MarkedText Slice(int start, int length)
    {
        if (length <= 0) return Empty;
        if (start == 0 && length == Length) return this;
        var value = Value.Substring(start, length);
        return _marks is null ? new(value, _all) : new(value, _marks.AsSpan(start, length).ToArray());
    }

    public void CopyMarks(Span<bool> to)
    {
        if (_marks is null) to[..Length].Fill(_all);
        else _marks.CopyTo(to);
    }

    public bool Equals(MarkedText? other) => other is not null && string.Equals(Value, other.Value, StringComparison.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as MarkedText);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Value);

    public override string ToString() => Value;
}
