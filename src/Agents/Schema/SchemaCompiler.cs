using System.Text.Json;
using System.Text.RegularExpressions;

namespace AgentMesh.Agents.Schema;

/// <summary>Reads a schema document into nodes. A keyword that would assert something and is not known is an error, never silently passed over.</summary>
internal sealed class SchemaCompiler(JsonElement document)
{
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromMilliseconds(200);

    /// <summary>Keywords that describe and do not assert.</summary>
    private static readonly HashSet<string> Annotations = new(StringComparer.Ordinal)
    {
        "$schema", "$id", "$comment", "$defs", "$anchor", "definitions", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly",
        "format", "contentEncoding", "contentMediaType",
    };

    private readonly Dictionary<string, SchemaNode> byPointer = new(StringComparer.Ordinal);

    public SchemaNode Compile() => Node(document, "");

    private SchemaNode Node(JsonElement schema, string at)
    {
        if (byPointer.TryGetValue(at, out var known)) return known;
        var node = new SchemaNode();
        byPointer[at] = node;
        switch (schema.ValueKind)
        {
            case JsonValueKind.True:
                break;
            case JsonValueKind.False:
                node.Never = true;
                break;
            case JsonValueKind.Object:
                foreach (var keyword in schema.EnumerateObject()) Read(node, keyword.Name, keyword.Value, at);
                break;
            default:
                throw Wrong(at, "a schema is an object, true or false");
        }
        return node;
    }

    private void Read(SchemaNode node, string keyword, JsonElement value, string at)
    {
        var here = SchemaPointer.Add(at, keyword);
        switch (keyword)
        {
            case "type": node.Types = Types(value, here); break;
            case "enum": node.Enum = [.. Elements(value, here)]; break;
            case "const": node.Const = value.Clone(); break;
            case "required": node.Required = [.. Elements(value, here).Select(name => name.GetString() ?? throw Wrong(here, "names are strings"))]; break;
            case "properties": node.Properties = Named(value, here).ToDictionary(p => p.Name, p => p.Schema, StringComparer.Ordinal); break;
            case "patternProperties": node.PatternProperties = [.. Named(value, here).Select(p => (Pattern(p.Name, here), p.Schema))]; break;
            case "additionalProperties": node.AdditionalProperties = Node(value, here); break;
            case "propertyNames": node.PropertyNames = Node(value, here); break;
            case "minProperties": node.MinProperties = Count(value, here); break;
            case "maxProperties": node.MaxProperties = Count(value, here); break;
            case "prefixItems": node.PrefixItems = Many(value, here); break;
            case "items": node.Items = Node(value, here); break;
            case "contains": node.Contains = Node(value, here); break;
            case "minItems": node.MinItems = Count(value, here); break;
            case "maxItems": node.MaxItems = Count(value, here); break;
            case "uniqueItems": node.UniqueItems = value.ValueKind == JsonValueKind.True; break;
            case "minimum": node.Minimum = Number(value, here); break;
            case "maximum": node.Maximum = Number(value, here); break;
            case "exclusiveMinimum": node.ExclusiveMinimum = Number(value, here); break;
            case "exclusiveMaximum": node.ExclusiveMaximum = Number(value, here); break;
            case "multipleOf": node.MultipleOf = value.TryGetDecimal(out var step) && step > 0 ? step : throw Wrong(here, "multipleOf is a number above 0"); break;
            case "minLength": node.MinLength = Count(value, here); break;
            case "maxLength": node.MaxLength = Count(value, here); break;
            case "pattern": node.Pattern = Pattern(value.GetString() ?? "", here); break;
            case "allOf": node.AllOf = Many(value, here); break;
            case "anyOf": node.AnyOf = Many(value, here); break;
            case "oneOf": node.OneOf = Many(value, here); break;
            case "not": node.Not = Node(value, here); break;
            case "if": node.If = Node(value, here); break;
            case "then": node.Then = Node(value, here); break;
            case "else": node.Else = Node(value, here); break;
            case "$ref": node.Reference = Referenced(value.GetString() ?? "", here); break;
            default:
                if (!Annotations.Contains(keyword) && !keyword.StartsWith("x-", StringComparison.Ordinal))
                    throw Wrong(here, $"the keyword '{keyword}' is not supported");
                break;
        }
    }

    private SchemaNode Referenced(string reference, string at)
    {
        if (!reference.StartsWith('#')) throw Wrong(at, $"only references within the schema are followed, not '{reference}'");
        var pointer = Uri.UnescapeDataString(reference[1..]);
        var target = document;
        foreach (var part in SchemaPointer.Parts(pointer))
        {
            var found = target.ValueKind switch
            {
                JsonValueKind.Object => target.TryGetProperty(part, out target),
                JsonValueKind.Array when int.TryParse(part, out var index) && index >= 0 && index < target.GetArrayLength() => Take(ref target, index),
                _ => false,
            };
            if (!found) throw Wrong(at, $"'{reference}' points nowhere");
        }
        return Node(target, pointer);
    }

    private static bool Take(ref JsonElement array, int index)
    {
        array = array[index];
        return true;
    }

    private IEnumerable<(string Name, SchemaNode Schema)> Named(JsonElement value, string at)
    {
        if (value.ValueKind != JsonValueKind.Object) throw Wrong(at, "an object of schemas is expected");
        foreach (var property in value.EnumerateObject())
            yield return (property.Name, Node(property.Value, SchemaPointer.Add(at, property.Name)));
    }

    private List<SchemaNode> Many(JsonElement value, string at)
    {
        var nodes = new List<SchemaNode>();
        foreach (var item in Elements(value, at)) nodes.Add(Node(item, SchemaPointer.Add(at, nodes.Count.ToString())));
        return nodes;
    }

    private static IEnumerable<JsonElement> Elements(JsonElement value, string at) =>
        value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(item => item.Clone()) : throw Wrong(at, "a list is expected");

    private static JsonTypes Types(JsonElement value, string at)
    {
        if (value.ValueKind == JsonValueKind.String) return OneType(value.GetString()!, at);
        var types = JsonTypes.None;
        foreach (var item in Elements(value, at)) types |= OneType(item.GetString() ?? "", at);
        return types;
    }

    private static JsonTypes OneType(string name, string at) => name switch
    {
        "null" => JsonTypes.Null,
        "boolean" => JsonTypes.Boolean,
        "object" => JsonTypes.Object,
        "array" => JsonTypes.Array,
        "number" => JsonTypes.Number,
        "string" => JsonTypes.String,
        "integer" => JsonTypes.Integer,
        _ => throw Wrong(at, $"there is no type '{name}'"),
    };

    private static long Count(JsonElement value, string at) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= 0 && Math.Floor(number) == number
            ? (long)number : throw Wrong(at, "a whole number of 0 or more is expected");

    private static double Number(JsonElement value, string at) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) ? number : throw Wrong(at, "a number is expected");

    /// <summary>Linear-time matching where the pattern allows it, so that a hostile value cannot stall the host; else a short timeout.</summary>
    private static Regex Pattern(string pattern, string at)
    {
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, MatchTimeout);
        }
        catch (NotSupportedException)
        {
            return new Regex(pattern, RegexOptions.CultureInvariant, MatchTimeout);
        }
        catch (ArgumentException error)
        {
            throw Wrong(at, $"the pattern '{pattern}' is not a regular expression: {error.Message}");
        }
    }

    private static SchemaException Wrong(string at, string reason) => new($"The schema is not usable at {SchemaPointer.Show(at)}: {reason}.");
}

/// <summary>JSON pointers (RFC 6901).</summary>
internal static class SchemaPointer
{
    public static string Add(string at, string part) => $"{at}/{part.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";

    public static IEnumerable<string> Parts(string pointer) =>
        pointer.Length == 0
            ? []
            : pointer.TrimStart('/').Split('/').Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal));

    /// <summary>The root's pointer is the empty string, which no reader would see.</summary>
    public static string Show(string pointer) => pointer.Length == 0 ? "(root)" : pointer;
}
