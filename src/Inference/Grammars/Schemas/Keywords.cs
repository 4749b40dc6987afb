using System.Text.Json;

namespace AgentMesh.Inference.Grammars;

[Flags]
internal enum Types
{
    None = 0,
    Null = 1,
    Boolean = 2,
    Object = 4,
    Array = 8,
    Number = 16,
    String = 32,

    /// <summary>Included in <see cref="Number"/>.</summary>
    Integer = 64,
    All = Null | Boolean | Object | Array | Number | String | Integer,
}

/// <summary>One of the schemas that a value must obey at once.</summary>
/// <param name="Options">Which of its <c>anyOf</c> and <c>oneOf</c> have been chosen from already.</param>
internal readonly record struct Clause(JsonElement Schema, string At, int Options = 0)
{
    public const int AnyOf = 1;
    public const int OneOf = 2;

    private const int LongText = 2_000;

    /// <summary>Equal for clauses that say the same: references are absolute, so the place does not matter.</summary>
    public string Key => Schema.GetRawText() is { Length: <= LongText } text ? $"{Options}{text}" : $"{Options}@{At}";

    public bool Get(string keyword, out JsonElement value)
    {
        value = default;
        return Schema.ValueKind == JsonValueKind.Object && Schema.TryGetProperty(keyword, out value);
    }

    public string Place(string keyword) => Keywords.Place(At, keyword);

    public Clause Sub(string keyword, JsonElement schema) => new(schema, Place(keyword));
}

/// <summary>Reads keywords and says what is wrong with them.</summary>
internal static class Keywords
{
    private static readonly HashSet<string> Enforced = new(StringComparer.Ordinal)
    {
        "type", "enum", "const", "properties", "required", "additionalProperties", "propertyNames", "minProperties", "maxProperties", "items", "prefixItems", "minItems",
        "maxItems", "minLength", "maxLength", "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "anyOf", "oneOf", "allOf",
        "$ref", "nullable", "uniqueItems",
    };

    /// <summary>Those that describe and assert nothing.</summary>
    private static readonly HashSet<string> Annotations = new(StringComparer.Ordinal)
    {
        "$schema", "$id", "$comment", "$defs", "$anchor", "definitions", "title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly",
        "contentEncoding", "contentMediaType", "discriminator", "externalDocs", "xml",
    };

    /// <exception cref="GrammarException">The clause is not a schema, or has a keyword that is not enforced.</exception>
    public static void Check(Clause clause)
    {
        if (clause.Schema.ValueKind is JsonValueKind.True or JsonValueKind.False) return;
        if (clause.Schema.ValueKind != JsonValueKind.Object) throw new GrammarException(clause.At, "a schema is an object, true or false");
        foreach (var keyword in clause.Schema.EnumerateObject())
            if (!Enforced.Contains(keyword.Name) && !Annotations.Contains(keyword.Name) && !keyword.Name.StartsWith("x-", StringComparison.Ordinal))
                throw new GrammarException(clause.Place(keyword.Name), $"the keyword '{keyword.Name}' cannot be enforced");
        if (clause.Get("uniqueItems", out var unique) && unique.ValueKind != JsonValueKind.False && !(clause.Get("maxItems", out var most) && Count(most, clause.Place("maxItems"), "maxItems") <= 1))
            throw new GrammarException(clause.Place("uniqueItems"), "'uniqueItems' cannot be enforced");
    }

    public static string Place(string at, string part) => $"{at}/{part.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";

    public static Types TypesOf(Clause clause)
    {
        var types = Types.All;
        if (clause.Get("type", out var type))
            types = type.ValueKind == JsonValueKind.Array
                ? type.EnumerateArray().Aggregate(Types.None, (all, one) => all | Named(one, clause.Place("type")))
                : Named(type, clause.Place("type"));
        return clause.Get("nullable", out var nullable) && nullable.ValueKind == JsonValueKind.True ? types | Types.Null : types;
    }

    public static Types Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => Types.Null,
        JsonValueKind.True or JsonValueKind.False => Types.Boolean,
        JsonValueKind.Object => Types.Object,
        JsonValueKind.Array => Types.Array,
        JsonValueKind.String => Types.String,
        _ => IsWhole(value) ? Types.Integer : Types.Number,
    };

    private static bool IsWhole(JsonElement value) => value.TryGetDouble(out var number) && Math.Floor(number) == number;

    public static int Count(JsonElement value, string at, string keyword)
    {
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var number) || number < 0 || Math.Floor(number) != number) throw GrammarException.Wrong(at, keyword, value, "a whole number of 0 or more");
        return number >= int.MaxValue ? int.MaxValue : (int)number;
    }

    public static IReadOnlyList<JsonElement> List(JsonElement value, string at, string keyword) =>
        value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : throw GrammarException.Wrong(at, keyword, value, "a list");

    public static string Name(JsonElement value, string at, string keyword) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw GrammarException.Wrong(at, keyword, value, "text");

    public static JsonElement.ObjectEnumerator Members(JsonElement value, string at, string keyword) =>
        value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : throw GrammarException.Wrong(at, keyword, value, "an object of schemas");

    private static Types Named(JsonElement name, string at) => Name(name, at, "type") switch
    {
        "null" => Types.Null,
        "boolean" => Types.Boolean,
        "object" => Types.Object,
        "array" => Types.Array,
        "number" => Types.Number | Types.Integer,
        "integer" => Types.Integer,
        "string" => Types.String,
        var other => throw new GrammarException(at, $"there is no type '{other}'"),
    };
}
