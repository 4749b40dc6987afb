using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace AgentMesh.Inference.Templates.Jinja;

/// <summary>JSON as Python's json module writes it, and values from JSON.</summary>
internal static class JsonText
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    /// <param name="Ascii">Other characters become \u escapes.</param>
    /// <param name="Indent">Of one level; null: all on one line.</param>
    public sealed record Style(bool Ascii, string? Indent, bool SortKeys, string ItemSeparator, string KeySeparator);

    public static MarkedText Write(object? value, Style style, Meter meter)
    {
        var built = new MarkedBuilder(meter);
        Write(value, style, 0, built, meter);
        return built.Build();
    }

    /// <param name="outside">Its texts come from outside.</param>
    public static object? Read(JsonElement json, bool outside)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                var dict = new DictValue();
                foreach (var property in json.EnumerateObject()) dict[new MarkedText(property.Name, outside)] = Read(property.Value, outside);
                return dict;
            case JsonValueKind.Array: return new ListValue([.. json.EnumerateArray().Select(item => Read(item, outside))]);
            case JsonValueKind.String: return new MarkedText(json.GetString()!, outside);
            case JsonValueKind.Number: return Number(json);
            case JsonValueKind.True: return true;
            case JsonValueKind.False: return false;
            default: return null;
        }
    }

    public static object? Parse(MarkedText text)
    {
        try
        {
            using var json = JsonDocument.Parse(text.Value, Strict);
            return Read(json.RootElement, text.AnyOutside);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new EvaluationException("this text is not JSON.");
        }
    }

    private static object Number(JsonElement json)
    {
        if (json.TryGetInt64(out var number)) return number;
        var raw = json.GetRawText();
        return raw.AsSpan().IndexOfAny('.', 'e', 'E') < 0 && raw.Length < 400 ? BigInteger.Parse(raw, CultureInfo.InvariantCulture) : json.GetDouble();
    }

    private static void Write(object? value, Style style, int depth, MarkedBuilder to, Meter meter)
    {
        meter.Step();
        meter.Enter();
        switch (value)
        {
            case null: to.Add("null"); break;
            case bool b: to.Add(b ? "true" : "false"); break;
            case double d: to.Add(double.IsNaN(d) ? "NaN" : double.IsInfinity(d) ? d > 0 ? "Infinity" : "-Infinity" : PythonText.Float(d)); break;
            case long or BigInteger: to.Add(PythonText.Str(value, meter)); break;
            case MarkedText text: Quote(text, style.Ascii, to); break;
            case ListValue list:
                Items('[', ']', list.Items, item => Write(item, style, depth + 1, to, meter), style, depth, to);
                break;
            case DictValue dict:
                var items = style.SortKeys ? dict.Items.OrderBy(i => i.Key, Comparer<object>.Create((a, b) => Python.Compare(a, b, meter))) : dict.Items;
                Items('{', '}', items, item =>
                {
                    if (item.Key is MarkedText key) Quote(key, style.Ascii, to);
                    else Quote(Write(item.Key, style, meter), style.Ascii, to);
                    to.Add(style.KeySeparator);
                    Write(item.Value, style, depth + 1, to, meter);
                }, style, depth, to);
                break;
            default: throw new EvaluationException($"{Python.Kind(value)} has no JSON.");
        }

        meter.Leave();
    }

    private static void Items<T>(char open, char close, IEnumerable<T> items, Action<T> write, Style style, int depth, MarkedBuilder to)
    {
        to.Add(open);
        var any = false;
        foreach (var item in items)
        {
            if (any) to.Add(style.ItemSeparator);
            any = true;
            Line(depth + 1);
            write(item);
        }

        if (any) Line(depth);
        to.Add(close);

        void Line(int level)
        {
            if (style.Indent is null) return;
            to.Add('\n');
            for (var i = 0; i < level; i++) to.Add(style.Indent);
        }
    }

    private static void Quote(MarkedText text, bool ascii, MarkedBuilder to)
    {
        to.Add('"');
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text.Value[i];
            var escape = c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\b' => "\\b",
                '\f' => "\\f",
                < ' ' => $"\\u{(int)c:x4}",
                > '~' when ascii => $"\\u{(int)c:x4}",
                _ => null,
            };
            if (escape is null) continue;
            to.Add(text.Slice(start, i - start)).Add(escape, text[i]);
            start = i + 1;
        }

        to.Add(text.Slice(start, text.Length - start)).Add('"');
    }
}
