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
