using System.Globalization;

namespace AgentMesh.Inference.Templates.Jinja;

/// <summary>Filters of one value; those of lists are in <see cref="ListFilters"/>.</summary>
internal sealed class Filters(Meter meter)
{
    private readonly ListFilters _lists = new(meter);

    /// <exception cref="EvaluationException">There is no such filter, or the value is not for it.</exception>
    public object? Apply(string name, object? value, Arguments a) => name switch
    {
        "trim" => TextEdits.Strip(Str(value), a.Get(0, "chars") is { } c ? Str(c).Value : null),
        "upper" => TextEdits.Upper(Str(value)),
        "lower" => TextEdits.Lower(Str(value)),
        "capitalize" => TextEdits.Capitalize(Str(value)),
        "title" => TextEdits.Title(Str(value), c => PythonText.IsSpace(c) || c is '-' or '(' or '{' or '[' or '<'),
        "string" or "safe" => Str(value),
        "escape" or "e" => TextEdits.Escape(Str(value), meter),
        "replace" => TextEdits.Replace(Str(value), Str(a.Get(0, "old")), Str(a.Get(1, "new")), a.Get(2, "count") is { } n ? Python.Integer(n, "count") : -1, meter),
        "indent" => Indent(value, a),
        "center" => TextEdits.Pad(Str(value), Python.Integer(a.Get(0, "width", 80L), "a width"), ' ', 0.5, meter),
        "wordcount" => (long)TextEdits.Split(Str(value), null, -1).Count(),
        "format" => TextFormat.Percent(Str(value), a.Positional, meter),
        "tojson" => ToJson(value, a),
        "from_json" => JsonText.Parse(Str(value)),
        "default" or "d" => value is Undefined || (Python.True(a.Get(1, "boolean", false)) && !Python.True(value)) ? a.Get(0, "default_value", MarkedText.Empty) : value,
        "length" or "count" => Python.Length(value),
        "int" => ToInteger(value, a.Get(0, "default", 0L)),
        "float" => ToFloat(value, a.Get(0, "default", 0.0)),
        "abs" => Python.Number(value) switch { long l when l != long.MinValue => (object)Math.Abs(l), double d => Math.Abs(d), _ => throw new EvaluationException($"{Python.Kind(value)} has no absolute value.") },
        "round" => Round(value, a),
        "attr" => Members.Attribute(value, Str(a.Get(0, "name")).Value, meter),
        _ => _lists.Apply(name, value, a, Apply),
    };

    private MarkedText Str(object? value) => PythonText.Str(value, meter);

    private MarkedText Indent(object? value, Arguments a)
    {
        var width = a.Get(0, "width", 4L);
        var indent = width as MarkedText ?? new MarkedBuilder(meter).Add(' ', times: Python.Int32(width, "indent's width")).Build();
        return TextEdits.Indent(Str(value), indent, Python.True(a.Get(1, "first", false)), Python.True(a.Get(2, "blank", false)), meter);
    }

    private MarkedText ToJson(object? value, Arguments a)
    {
        // As Hugging Face's: (ensure_ascii, indent, separators, sort_keys); Jinja's own has indent alone, and first.
        var first = a.Positional.Count == 1 && a.Positional[0] is long;
        var indent = first ? a.Positional[0] : a.Get(1, "indent");
        var separators = a.Get(2, "separators") as ListValue;
        if (separators is { Items.Count: not 2 }) throw new EvaluationException("tojson's separators are two strings.");
        return JsonText.Write(value, new JsonText.Style(
            Ascii: !first && Python.True(a.Get(0, "ensure_ascii", false)),
            Indent: indent switch { null => null, MarkedText text => text.Value, _ => new string(' ', Math.Clamp(Python.Int32(indent, "tojson's indent"), 0, 64)) },
            SortKeys: Python.True(a.Get(3, "sort_keys", false)),
            ItemSeparator: separators is not null ? Str(separators.Items[0]).Value : indent is null ? ", " : ",",
            KeySeparator: separators is not null ? Str(separators.Items[1]).Value : ": "), meter);
    }

    private static object? ToInteger(object? value, object? fallback) => value switch
    {
        MarkedText text when long.TryParse(text.Value.AsSpan().Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        MarkedText text when double.TryParse(text.Value.AsSpan().Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => Whole(number, fallback),
        _ => Python.Number(value) switch { long l => l, double d => Whole(d, fallback), _ => fallback },
    };

    private static object? Whole(double number, object? fallback) => Math.Abs(number) < 9e18 ? (long)number : fallback;

    private static object? ToFloat(object? value, object? fallback) => value switch
    {
        MarkedText text when double.TryParse(text.Value.AsSpan().Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        _ => Python.Number(value) is { } number ? Convert.ToDouble(number) : fallback,
    };

    private static object Round(object? value, Arguments a)
    {
        var number = Python.Number(value) ?? throw new EvaluationException($"{Python.Kind(value)} cannot be rounded.");
        var factor = Math.Pow(10, Math.Clamp(Python.Integer(a.Get(0, "precision", 0L), "round's precision"), -15, 15));
        var method = a.Get(1, "method") is { } m ? Python.Text(m, "round's method").Value : "common";
        if (number is long && method == "common" && factor >= 1) return number;
        var scaled = Convert.ToDouble(number) * factor;
        return (method switch { "ceil" => Math.Ceiling(scaled), "floor" => Math.Floor(scaled), _ => Math.Round(scaled, MidpointRounding.ToEven) }) / factor;
    }
}
