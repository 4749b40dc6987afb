using System.Numerics;

namespace AgentMesh.Inference.Templates.Jinja;

/// <summary>What Python's operators do with values.</summary>
internal static class Python
{
    public static bool True(object? value) => value switch
    {
        null or false or 0L or 0.0 or Undefined => false,
        MarkedText text => text.Length > 0,
        ListValue list => list.Items.Count > 0,
        DictValue dict => dict.Count > 0,
        BigInteger number => !number.IsZero,
        _ => true,
    };

    public static string Kind(object? value) => value switch
    {
        null => "none",
        bool => "a boolean",
        long or BigInteger => "an integer",
        double => "a float",
        MarkedText => "a string",
        ListValue { Tuple: true } => "a tuple",
        ListValue => "a list",
        DictValue => "a mapping",
        Undefined undefined => $"{undefined.What}, which is undefined",
        Callable callable => $"the function {callable.Name}",
        NamespaceValue => "a namespace",
        _ => "a loop",
    };

    /// <summary>Null where it is no number.</summary>
    public static object? Number(object? value) => value switch { bool b => b ? 1L : 0L, long or double => value, _ => null };

    public static long Integer(object? value, string what) => Number(value) is long number ? number : throw new EvaluationException($"{what} must be an integer, not {Kind(value)}.");

    public static int Int32(object? value, string what) => (int)Math.Clamp(Integer(value, what), int.MinValue, int.MaxValue);

    public static MarkedText Text(object? value, string what) => value as MarkedText ?? throw new EvaluationException($"{what} must be a string, not {Kind(value)}.");

    public static bool Equal(object? left, object? right, Meter meter)
    {
        meter.Step();
        if (Number(left) is { } a && Number(right) is { } b) return a is long x && b is long y ? x == y : Convert.ToDouble(a) == Convert.ToDouble(b);
        switch (left, right)
        {
            case (MarkedText l, MarkedText r): return l.Equals(r);
            case (ListValue l, ListValue r):
                if (l.Tuple != r.Tuple || l.Items.Count != r.Items.Count) return false;
                meter.Enter();
                var same = l.Items.Zip(r.Items).All(pair => Equal(pair.First, pair.Second, meter));
                meter.Leave();
                return same;
            case (DictValue l, DictValue r):
                if (l.Count != r.Count) return false;
                meter.Enter();
                var equal = l.Items.All(item => r.TryGet(item.Key, out var other) && Equal(item.Value, other, meter));
                meter.Leave();
                return equal;
            default: return Equals(left, right);
        }
    }

    public static int Compare(object? left, object? right, Meter meter)
    {
        meter.Step();
        if (Number(left) is { } a && Number(right) is { } b) return a is long x && b is long y ? x.CompareTo(y) : Convert.ToDouble(a).CompareTo(Convert.ToDouble(b));
        if (left is MarkedText l && right is MarkedText r) return CodePoints.Compare(l.Value, r.Value);
        if (left is ListValue first && right is ListValue second)
        {
            meter.Enter();
            var order = first.Items.Zip(second.Items).Select(pair => Equal(pair.First, pair.Second, meter) ? 0 : Compare(pair.First, pair.Second, meter)).FirstOrDefault(c => c != 0);
            meter.Leave();
            return order != 0 ? order : first.Items.Count.CompareTo(second.Items.Count);
        }

        throw new EvaluationException($"{Kind(left)} and {Kind(right)} have no order.");
    }

    public static bool Contains(object? container, object? item, Meter meter)
    {
        switch (container)
        {
            case MarkedText text: return text.Value.Contains(Text(item, "what is looked for in a string").Value, StringComparison.Ordinal);
            case ListValue list: return list.Items.Any(other => Equal(other, item, meter));
            case DictValue dict: return dict.TryGet(item, out _);
            case Undefined: return false;
            default: throw new EvaluationException($"{Kind(container)} holds nothing to look in.");
        }
    }

    /// <summary>What a loop over the value goes through; a copy.</summary>
    public static List<object?> Iterate(object? value, Meter meter)
    {
        List<object?> items = value switch
        {
            ListValue list => [.. list.Items],
            DictValue dict => [.. dict.Keys],
            MarkedText text => [.. CodePoints.Each(text)],
            Undefined => [],
            _ => throw new EvaluationException($"{Kind(value)} cannot be looped over."),
        };
        meter.Step(items.Count);
        return items;
    }

    public static long Length(object? value) => value switch
    {
        MarkedText text => CodePoints.Count(text.Value),
        ListValue list => list.Items.Count,
        DictValue dict => dict.Count,
        Undefined => 0,
        _ => throw new EvaluationException($"{Kind(value)} has no length."),
    };

    public static object? Apply(string op, object? left, object? right, Meter meter)
    {
        if (Number(left) is { } a && Number(right) is { } b) return Arithmetic(op, a, b);
        switch (op, left, right)
        {
            case ("+", MarkedText l, MarkedText r): return new MarkedBuilder(meter).Add(l).Add(r).Build();
            case ("+", ListValue l, ListValue r) when l.Tuple == r.Tuple:
                meter.Step(l.Items.Count + r.Items.Count);
                return new ListValue([.. l.Items, .. r.Items], l.Tuple);
            case ("*", MarkedText or ListValue, _) when Number(right) is long times: return Repeat(left, times, meter);
            case ("*", _, MarkedText or ListValue) when Number(left) is long times: return Repeat(right, times, meter);
            case ("%", MarkedText format, _): return TextFormat.Percent(format, right is ListValue { Tuple: true } tuple ? tuple.Items : [right], meter);
            default: throw new EvaluationException($"'{op}' is not possible with {Kind(left)} and {Kind(right)}.");
        }
    }

    private static object Repeat(object? value, long times, Meter meter)
    {
        if (value is MarkedText text)
        {
            meter.Text(times <= 0 ? 0 : (long)Math.Min((double)text.Length * times, long.MaxValue / 2));
            var built = new MarkedBuilder(meter);
            for (var i = 0L; i < times && text.Length > 0; i++) built.Add(text);
            return built.Build();
        }

        var list = (ListValue)value!;
        if (times > 0) meter.Step((int)Math.Min((double)list.Items.Count * times, int.MaxValue));
        List<object?> items = [];
        for (var i = 0L; i < times && list.Items.Count > 0; i++) items.AddRange(list.Items);
        return new ListValue(items, list.Tuple);
    }

    private static object Arithmetic(string op, object a, object b)
    {
        if (op is "/" or "//" or "%" && Convert.ToDouble(b) == 0) throw new EvaluationException("this divides by zero.");
        if (op != "/" && a is long x && b is long y)
        {
            try
            {
                return checked(op switch
                {
                    "+" => x + y,
                    "-" => x - y,
                    "*" => x * y,
                    "//" => (x / y) - (x % y != 0 && (x < 0) != (y < 0) ? 1 : 0),
                    "%" => y == -1 ? 0 : ((x % y) + y) % y,
                    _ => y < 0 ? (object)Math.Pow(x, y) : Power(x, y),
                });
            }
            catch (OverflowException)
            {
                throw new EvaluationException("this number does not fit in 64 bits.");
            }
        }

        var (p, q) = (Convert.ToDouble(a), Convert.ToDouble(b));
        return op switch
        {
            "+" => p + q,
            "-" => p - q,
            "*" => p * q,
            "/" => p / q,
            "//" => Math.Floor(p / q),
            "%" => p - (q * Math.Floor(p / q)),
            _ => Math.Pow(p, q),
        };
    }

    private static long Power(long x, long y)
    {
        if (x is 0 or 1 || y == 0) return y == 0 ? 1 : x;
        if (x == -1) return y % 2 == 0 ? 1 : -1;
        var result = 1L;
        for (var i = 0L; i < y; i++) result = checked(result * x);
        return result;
    }
}
