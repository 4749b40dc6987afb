namespace AgentMesh.Inference.Templates.Jinja;

/// <summary>Python counts characters, .NET halves of them: indices and lengths of texts as Python has them.</summary>
internal static class CodePoints
{
    public static int Count(string text)
    {
        var count = text.Length;
        for (var i = 1; i < text.Length; i++)
            if (char.IsSurrogatePair(text[i - 1], text[i])) count--;
        return count;
    }

    /// <summary>Python's index of a place in the text.</summary>
    public static long Index(string text, int place) => place < 0 ? place : Count(text[..place]);

    public static IEnumerable<MarkedText> Each(MarkedText text)
    {
        for (var i = 0; i < text.Length;)
        {
            var length = i + 1 < text.Length && char.IsSurrogatePair(text.Value[i], text.Value[i + 1]) ? 2 : 1;
            yield return text.Slice(i, length);
            i += length;
        }
    }

    public static int Compare(string left, string right)
    {
        for (var i = 0; i < left.Length && i < right.Length; i++)
        {
            if (left[i] == right[i]) continue;
            var (l, r) = (char.IsSurrogate(left[i]), char.IsSurrogate(right[i]));
            return l == r ? left[i].CompareTo(right[i]) : l ? 1 : -1;
        }

        return left.Length.CompareTo(right.Length);
    }

    /// <summary>text[start:stop:step]</summary>
    public static MarkedText Slice(MarkedText text, object? start, object? stop, object? step, Meter meter)
    {
        var count = Count(text.Value);
        var (from, to, by) = Bounds(count, start, stop, step);
        if (by == 1 && count == text.Length) return from < to ? text.Slice((int)from, (int)(to - from)) : MarkedText.Empty;
        var each = Each(text).ToList();
        meter.Step(each.Count);
        var built = new MarkedBuilder(meter);
        for (var i = from; by > 0 ? i < to : i > to; i += by) built.Add(each[(int)i]);
        return built.Build();
    }

    public static ListValue Slice(ListValue list, object? start, object? stop, object? step, Meter meter)
    {
        var (from, to, by) = Bounds(list.Items.Count, start, stop, step);
        List<object?> items = [];
        for (var i = from; by > 0 ? i < to : i > to; i += by) items.Add(list.Items[(int)i]);
        meter.Step(items.Count);
        return new ListValue(items, list.Tuple);
    }

    private static (long Start, long Stop, long Step) Bounds(int count, object? start, object? stop, object? step)
    {
        // No step goes further than the whole text; clamping keeps the sums below from overflowing.
        var by = step is null ? 1 : Math.Clamp(Python.Integer(step, "a slice's step"), -int.MaxValue, int.MaxValue);
        if (by == 0) throw new EvaluationException("a slice's step cannot be zero.");
        long Bound(object? value, long missing)
        {
            if (value is null) return missing;
            var at = Python.Integer(value, "a slice's bound");
            if (at < 0) at = Math.Max(at + count, by > 0 ? 0 : -1);
            return Math.Min(at, by > 0 ? count : count - 1);
        }

        return (Bound(start, by > 0 ? 0 : count - 1), Bound(stop, by > 0 ? count : -1), by);
    }
}
