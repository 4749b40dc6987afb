using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AgentMesh.Agents.Schema;

/// <summary>One validation: collects what is wrong, in document order.</summary>
internal sealed class SchemaCheck
{
    /// <summary>Enough to correct a value by; a thousand wrong rows are told in ten sentences.</summary>
    private const int MaxErrors = 10;
    private const int MaxDepth = 256;

    private readonly List<string> errors = [];
    private int depth;

    public IReadOnlyList<string> Errors => errors;

    public void Run(SchemaNode node, JsonElement value, string at)
    {
        if (errors.Count >= MaxErrors) return;
        if (++depth > MaxDepth) Error(at, "is nested too deeply or its schema refers to itself without end");
        else Assert(node, value, at);
        depth--;
    }

    private void Assert(SchemaNode node, JsonElement value, string at)
    {
        if (node.Never)
        {
            Error(at, "is not allowed here");
            return;
        }
        if (node.Types is { } types && !Fits(types, value))
        {
            Error(at, $"must be {Names(types)}, but is {Shown(value)}");
            return;
        }
        if (node.Reference is { } reference) Run(reference, value, at);
        if (node.Const is { } only && !JsonElement.DeepEquals(only, value)) Error(at, $"must be {only.GetRawText()}, but is {Shown(value)}");
        if (node.Enum is { } allowed && !allowed.Any(one => JsonElement.DeepEquals(one, value)))
            Error(at, $"must be one of {string.Join(", ", allowed.Select(one => one.GetRawText()))}, but is {Shown(value)}");
        switch (value.ValueKind)
        {
            case JsonValueKind.Object: Object(node, value, at); break;
            case JsonValueKind.Array: Array(node, value, at); break;
            case JsonValueKind.String: Text(node, value.GetString()!, at); break;
            case JsonValueKind.Number: Number(node, value, at); break;
        }
        Combined(node, value, at);
    }

    private void Object(SchemaNode node, JsonElement value, string at)
    {
        foreach (var name in node.Required)
            if (!value.TryGetProperty(name, out _)) Error(at, $"lacks the required property '{name}'");
        var count = 0;
        foreach (var property in value.EnumerateObject())
        {
            count++;
            var here = SchemaPointer.Add(at, property.Name);
            var known = false;
            if (node.Properties.TryGetValue(property.Name, out var schema))
            {
                known = true;
                Run(schema, property.Value, here);
            }
            foreach (var (pattern, patterned) in node.PatternProperties)
            {
                if (!Matches(pattern, property.Name)) continue;
                known = true;
                Run(patterned, property.Value, here);
            }
            if (!known && node.AdditionalProperties is { Never: true })
                Error(at, $"has the property '{property.Name}', which is not one of {string.Join(", ", node.Properties.Keys.Order(StringComparer.Ordinal).Select(name => $"'{name}'"))}");
            else if (!known && node.AdditionalProperties is { } additional) Run(additional, property.Value, here);
            if (node.PropertyNames is { } names && !Obeys(names, TextElement(property.Name))) Error(here, "has a name that is not allowed");
        }
        if (count < node.MinProperties) Error(at, $"must have at least {node.MinProperties} properties");
        if (count > node.MaxProperties) Error(at, $"must have at most {node.MaxProperties} properties");
    }

    private void Array(SchemaNode node, JsonElement value, string at)
    {
        var count = value.GetArrayLength();
        if (count < node.MinItems) Error(at, $"must have at least {node.MinItems} items, but has {count}");
        if (count > node.MaxItems) Error(at, $"must have at most {node.MaxItems} items, but has {count}");
        var index = 0;
        var contained = false;
        foreach (var item in value.EnumerateArray())
        {
            var schema = index < node.PrefixItems.Count ? node.PrefixItems[index] : node.Items;
            if (schema is not null) Run(schema, item, SchemaPointer.Add(at, index.ToString(CultureInfo.InvariantCulture)));
            contained = contained || (node.Contains is { } contains && Obeys(contains, item));
            index++;
        }
        if (node.Contains is not null && !contained) Error(at, "holds no item of the required shape");
        if (!node.UniqueItems) return;
        var items = value.EnumerateArray().ToList();
        for (var i = 1; i < items.Count; i++)
            if (items.Take(i).Any(earlier => JsonElement.DeepEquals(earlier, items[i])))
            {
                Error(SchemaPointer.Add(at, i.ToString(CultureInfo.InvariantCulture)), "is a repeat, and items must differ");
                return;
            }
    }

    private void Text(SchemaNode node, string text, string at)
    {
        if (node.MinLength is not null || node.MaxLength is not null)
        {
            var length = text.EnumerateRunes().Count();
            if (length < node.MinLength) Error(at, $"must have at least {node.MinLength} characters, but has {length}");
            if (length > node.MaxLength) Error(at, $"must have at most {node.MaxLength} characters, but has {length}");
        }
        if (node.Pattern is { } pattern && !Matches(pattern, text)) Error(at, $"must match {pattern}, but is {Shown(text)}");
    }

    private void Number(SchemaNode node, JsonElement value, string at)
    {
        var number = value.GetDouble();
        if (number < node.Minimum) Error(at, $"must be at least {Shown(node.Minimum)}, but is {Shown(value)}");
        if (number > node.Maximum) Error(at, $"must be at most {Shown(node.Maximum)}, but is {Shown(value)}");
        if (number <= node.ExclusiveMinimum) Error(at, $"must be above {Shown(node.ExclusiveMinimum)}, but is {Shown(value)}");
        if (number >= node.ExclusiveMaximum) Error(at, $"must be below {Shown(node.ExclusiveMaximum)}, but is {Shown(value)}");
        if (node.MultipleOf is { } step && value.TryGetDecimal(out var exact) && exact % step != 0)
            Error(at, $"must be a multiple of {step.ToString(CultureInfo.InvariantCulture)}, but is {Shown(value)}");
    }

    private void Combined(SchemaNode node, JsonElement value, string at)
    {
        foreach (var part in node.AllOf) Run(part, value, at);
        if (node.AnyOf.Count > 0 && !node.AnyOf.Any(option => Obeys(option, value))) Error(at, $"fits none of the {node.AnyOf.Count} allowed shapes ({Nearest(node.AnyOf, value, at)})");
        if (node.OneOf.Count > 0)
        {
            var fitting = node.OneOf.Count(option => Obeys(option, value));
            if (fitting == 0) Error(at, $"fits none of the {node.OneOf.Count} allowed shapes ({Nearest(node.OneOf, value, at)})");
            else if (fitting > 1) Error(at, $"fits {fitting} of the allowed shapes, but must fit exactly one");
        }
        if (node.Not is { } not && Obeys(not, value)) Error(at, "has a shape that is not allowed");
        if (node.If is not { } condition) return;
        var branch = Obeys(condition, value) ? node.Then : node.Else;
        if (branch is not null) Run(branch, value, at);
    }

    /// <summary>The first complaint of the option with the fewest: most likely the one that was meant.</summary>
    private string Nearest(IReadOnlyList<SchemaNode> options, JsonElement value, string at)
    {
        var nearest = options.Select(option => Collect(option, value, at)).MinBy(list => list.Count)!;
        return nearest[0].TrimEnd('.');
    }

    private bool Obeys(SchemaNode node, JsonElement value) => Collect(node, value, "").Count == 0;

    private IReadOnlyList<string> Collect(SchemaNode node, JsonElement value, string at)
    {
        var check = new SchemaCheck { depth = depth };
        check.Run(node, value, at);
        return check.errors;
    }

    private static bool Matches(Regex pattern, string text)
    {
        try
        {
            return pattern.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static bool Fits(JsonTypes types, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => types.HasFlag(JsonTypes.Null),
        JsonValueKind.True or JsonValueKind.False => types.HasFlag(JsonTypes.Boolean),
        JsonValueKind.Object => types.HasFlag(JsonTypes.Object),
        JsonValueKind.Array => types.HasFlag(JsonTypes.Array),
        JsonValueKind.String => types.HasFlag(JsonTypes.String),
        JsonValueKind.Number => types.HasFlag(JsonTypes.Number) || (types.HasFlag(JsonTypes.Integer) && Math.Floor(value.GetDouble()) == value.GetDouble()),
        _ => false,
    };

    private static string Names(JsonTypes types)
    {
        var names = new List<string>();
        foreach (var (type, name) in TypeNames)
            if (types.HasFlag(type)) names.Add(name);
        return names.Count == 0 ? "nothing" : string.Join(" or ", names);
    }

    private static readonly IReadOnlyList<(JsonTypes Type, string Name)> TypeNames =
    [
        (JsonTypes.String, "a string"), (JsonTypes.Number, "a number"), (JsonTypes.Integer, "an integer"), (JsonTypes.Boolean, "true or false"),
        (JsonTypes.Object, "an object"), (JsonTypes.Array, "a list"), (JsonTypes.Null, "null"),
    ];

    private static string Shown(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => Shown(value.GetString()!),
        _ => value.GetRawText(),
    };

    private static string Shown(string text) => text.Length <= 60 ? $"\"{text}\"" : $"\"{text.AsSpan(0, 60)}…\"";

    private static string Shown(double? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static JsonElement TextElement(string text)
    {
        using var document = JsonDocument.Parse(System.Text.Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(text)}\""));
        return document.RootElement.Clone();
    }

    private void Error(string at, string what)
    {
        if (errors.Count < MaxErrors) errors.Add($"{SchemaPointer.Show(at)} {what}.");
    }
}
