using System.Globalization;
using System.Numerics;
using System.Text;

namespace AgentMesh.Inference.Templates.Jinja;

/// <summary>How Python writes its values.</summary>
internal static class PythonText
{
    public static bool IsSpace(char c) => c is >= '\u001c' and <= '\u001f' || char.IsWhiteSpace(c);

    public static bool IsLineEnd(char c) => c is '\n' or '\r' or '\v' or '\f' or '\u001c' or '\u001d' or '\u001e' or '\u0085' or '\u2028' or '\u2029';

    /// <summary>str(value)</summary>
    public static MarkedText Str(object? value, Meter meter)
    {
        if (value is MarkedText text) return text;
        if (value is ListValue or DictValue)
        {
            var built = new MarkedBuilder(meter);
            Repr(value, built, meter);
            return built.Build();
        }

        return MarkedText.Own(Plain(value));
    }

    /// <summary>repr(value)</summary>
    public static void Repr(object? value, MarkedBuilder to, Meter meter)
    {
        meter.Step();
        meter.Enter();
        switch (value)
        {
            case MarkedText text: Quote(text, to); break;
            case ListValue list:
                to.Add(list.Tuple ? '(' : '[');
                for (var i = 0; i < list.Items.Count; i++)
                {
                    if (i > 0) to.Add(", ");
                    Repr(list.Items[i], to, meter);
                }

                if (list is { Tuple: true, Items.Count: 1 }) to.Add(',');
                to.Add(list.Tuple ? ')' : ']');
                break;
            case DictValue dict:
                to.Add('{');
                var first = true;
                foreach (var (key, item) in dict.Items)
                {
                    if (!first) to.Add(", ");
                    first = false;
                    Repr(key, to, meter);
                    to.Add(": ");
                    Repr(item, to, meter);
                }

                to.Add('}');
                break;
            default: to.Add(value is Undefined ? "Undefined" : Plain(value)); break;
        }

        meter.Leave();
    }

    public static string Float(double value)
    {
        if (double.IsNaN(value)) return "nan";
        if (double.IsInfinity(value)) return value > 0 ? "inf" : "-inf";
        var shortest = value.ToString("E16", CultureInfo.InvariantCulture);
        var round = value.ToString("R", CultureInfo.InvariantCulture);
        var exponent = int.Parse(shortest[(shortest.IndexOf('E') + 1)..], CultureInfo.InvariantCulture);
        var digits = new StringBuilder();
        foreach (var c in round.AsSpan())
        {
            if (c == 'E') break;
            if (char.IsAsciiDigit(c)) digits.Append(c);
        }

        var significant = digits.ToString().TrimStart('0').TrimEnd('0');
        if (significant.Length == 0) return double.IsNegative(value) ? "-0.0" : "0.0";
        var sign = value < 0 ? "-" : "";
        if (exponent is < -4 or >= 16)
        {
            var mantissa = significant.Length == 1 ? significant : $"{significant[0]}.{significant[1..]}";
            return $"{sign}{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }

        if (exponent < 0) return $"{sign}0.{new string('0', -exponent - 1)}{significant}";
        if (significant.Length <= exponent + 1) return $"{sign}{significant.PadRight(exponent + 1, '0')}.0";
        return $"{sign}{significant[..(exponent + 1)]}.{significant[(exponent + 1)..]}";
    }

    private static string Plain(object? value) => value switch
    {
        null => "None",
        true => "True",
        false => "False",
        long number => number.ToString(CultureInfo.InvariantCulture),
        BigInteger number => number.ToString(CultureInfo.InvariantCulture),
        double number => Float(number),
        Undefined => "",
        NamespaceValue => "<Namespace>",
        Callable callable => $"<function {callable.Name}>",
        _ => $"<{value.GetType().Name}>",
    };

    private static void Quote(MarkedText text, MarkedBuilder to)
    {
        var quote = text.Value.Contains('\'') && !text.Value.Contains('"') ? '"' : '\'';
        to.Add(quote);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text.Value[i];
            var outside = text[i];
            if (c == quote || c == '\\') to.Add('\\', outside).Add(c, outside);
            else if (c == '\n') to.Add("\\n", outside);
            else if (c == '\r') to.Add("\\r", outside);
            else if (c == '\t') to.Add("\\t", outside);
            else if (c < ' ' || c is >= '\u007f' and < '\u00a1' or '\u00ad') to.Add($"\\x{(int)c:x2}", outside);
            else if (c is '\u2028' or '\u2029' or '\u3000' or '\u200b' or '\ufeff') to.Add($"\\u{(int)c:x4}", outside);
            else to.Add(c, outside);
        }

        to.Add(quote);
    }
}
