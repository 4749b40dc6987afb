using System.Text.Json.Nodes;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Templates.ToolCalling;

/// <summary>The JSON Schema of a call that names its tool.</summary>
internal static class ToolCallSchema
{
    public static JsonElement Of(AIFunctionDeclaration tool, string name, string arguments)
    {
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                [name] = new JsonObject { ["const"] = tool.Name },
                [arguments] = Moved(JsonNode.Parse(tool.JsonSchema.GetRawText()), $"#/properties/{arguments}"),
            },
            ["required"] = new JsonArray(name, arguments),
            ["additionalProperties"] = false,
        };
        using var json = JsonDocument.Parse(schema.ToJsonString());
        return json.RootElement.Clone();
    }

    /// <summary>Any of these, each with the references that it has.</summary>
    public static JsonElement AnyOf(IReadOnlyList<JsonElement> schemas)
    {
        if (schemas.Count == 1) return schemas[0];
        var any = new JsonObject { ["anyOf"] = new JsonArray([.. schemas.Select((s, i) => Moved(JsonNode.Parse(s.GetRawText()), $"#/anyOf/{i}"))]) };
        return JsonElement.Parse(any.ToJsonString());
    }

    /// <summary>References to the schema's root follow it to its new place.</summary>
    private static JsonNode? Moved(JsonNode? node, string root)
    {
        if (node is JsonArray array)
            foreach (var item in array) Moved(item, root);
        if (node is not JsonObject schema) return node;
        foreach (var (key, value) in schema.ToList())
        {
            if (key == "$ref" && value is JsonValue reference && reference.TryGetValue<string>(out var target) && target.StartsWith('#')) schema[key] = root + target[1..];
            else Moved(value, root);
        }

        return schema;
    }
}
