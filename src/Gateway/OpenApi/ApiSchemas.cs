using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using AgentMesh.Contracts;

namespace AgentMesh.Gateway.OpenApi;

/// <summary>JSON Schemas of what the API takes and gives, from the same source-generated contracts that read and write it. Each object type has its name once.</summary>
internal sealed class ApiSchemas
{
    private readonly SortedDictionary<string, JsonNode?> named = new(StringComparer.Ordinal);
    private readonly HashSet<Type> begun = [];

    /// <summary>All that were asked for so far, and what they refer to.</summary>
    public JsonObject Named => new(named.Select(n => KeyValuePair.Create(n.Key, n.Value?.DeepClone())));

    /// <summary>The schema of that type where it is used: a reference if it has a name.</summary>
    public JsonNode Of(JsonTypeInfo type) => Place(type) ?? Export(type);

    private JsonObject? Place(JsonTypeInfo type)
    {
        if (!type.Type.IsEnum && (type.Kind != JsonTypeInfoKind.Object || type.Type.IsGenericType)) return null;
        if (begun.Add(type.Type)) named[type.Type.Name] = Export(type);
        return new JsonObject { ["$ref"] = $"#/components/schemas/{type.Type.Name}" };
    }

    private JsonNode Export(JsonTypeInfo type) => type.GetJsonSchemaAsNode(new JsonSchemaExporterOptions
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = (context, node) => Transform(type, context, node),
    });

    private JsonNode Transform(JsonTypeInfo root, JsonSchemaExporterContext context, JsonNode node)
    {
        var type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        var isNull = context.PropertyInfo is { IsGetNullable: true };
        if (type.IsValueType && type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IId<>))) return Text(isNull);
        if (type == typeof(Rationale)) return OneOf(JsonNode.Parse("""{"type":"object","required":["reason"],"properties":{"reason":{"type":"string"},"alternatives":{"type":"array","items":{"type":"string"}},"evidence":{"type":"array","items":{"type":"string"}}}}""")!, Text(isNull));
        if (type == typeof(byte[])) return JsonNode.Parse("""{"type":"string","contentEncoding":"base64"}""")!;
        if (type == typeof(JsonElement)) return new JsonObject { ["description"] = "Any JSON." };
        // The parts of a choice carry the name of their kind; they stay where they are.
        if (context.BaseTypeInfo is not null) return Complete(context.TypeInfo, node);
        if (context.TypeInfo == root && context.Path.Length == 0) return Complete(context.TypeInfo, node);
        if (Place(context.TypeInfo) is not { } reference) return node;
        return isNull ? OneOf(reference, new JsonObject { ["type"] = "null" }) : reference;
    }

    /// <summary>What is always written is said to be there: the exporter knows what must be read, which for what is given is another thing.</summary>
    private static JsonNode Complete(JsonTypeInfo type, JsonNode node)
    {
        if (node is not JsonObject schema || type.Kind != JsonTypeInfoKind.Object || type.Options == Http.RequestJson.Default.Options) return node;
        var written = type.Properties.Where(p => p is { Get: not null, IsGetNullable: false, ShouldSerialize: null }).Select(p => p.Name);
        // What tells the parts of a choice apart is no property of theirs.
        var told = (schema["required"] as JsonArray ?? []).Select(n => n!.GetValue<string>()).Where(n => type.Properties.All(p => p.Name != n));
        schema["required"] = new JsonArray([.. told.Concat(written).Where(n => schema["properties"]?[n] is not null).Select(n => (JsonNode)n)]);
        return schema;
    }

    private static JsonObject Text(bool isNull) => new() { ["type"] = isNull ? new JsonArray("string", "null") : "string" };

    private static JsonObject OneOf(params JsonNode[] choices) => new() { ["anyOf"] = new JsonArray(choices) };
}
