using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMesh.Contracts;
using Microsoft.Extensions.AI;

namespace AgentMesh.Agents.Loop;

/// <summary>Declares tools and the loop's own actions as functions.</summary>
internal static class NativeTools
{
    public static IReadOnlyDictionary<string, string> Names(IReadOnlyList<ToolDescriptor> tools)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var tool in tools) names.TryAdd(Prompt.FunctionName(tool.Name), tool.Name);
        return names;
    }

    public static IList<AITool> Declare(IReadOnlyList<ToolDescriptor> tools, ArtifactKind? kind) =>
    [
        .. tools.Select(tool => AIFunctionFactory.CreateDeclaration(Prompt.FunctionName(tool.Name), tool.Description, tool.Parameters)),
        AIFunctionFactory.CreateDeclaration(ActionReader.FinishFunction, "Gives the final value.", Finish(kind)),
        AIFunctionFactory.CreateDeclaration(ActionReader.AskFunction, "Asks a person, only if nobody else can know.", Ask),
        AIFunctionFactory.CreateDeclaration(ActionReader.SpawnFunction, "Has helpers do parts of the work first.", Spawn),
    ];

    /// <summary>A schema with references cannot be moved inside another; the system prompt shows it in any case.</summary>
    private static JsonElement Finish(ArtifactKind? kind)
    {
        var text = kind?.Schema.GetRawText();
        var value = text is null || text.Contains("\"$ref\"", StringComparison.Ordinal) ? new JsonObject() : JsonNode.Parse(text)!;
        return new JsonObject
        {
            ["type"] = "object",
            ["required"] = Json.List(["value"]),
            ["properties"] = new JsonObject
            {
                ["value"] = value,
                ["confidence"] = new JsonObject { ["type"] = "number", ["minimum"] = 0, ["maximum"] = 1 },
                ["reason"] = new JsonObject { ["type"] = "string" },
                ["evidence"] = new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } },
            },
        }.Element();
    }

    private static readonly JsonElement Ask = MeshJson.Parse("""
        {"type":"object","required":["question"],"properties":{"question":{"type":"string"},"choices":{"type":"array","items":{"type":"string"}}}}
        """);

    private static readonly JsonElement Spawn = MeshJson.Parse("""
        {"type":"object","required":["helpers","reason"],"properties":{"reason":{"type":"string"},"helpers":{"type":"array","minItems":1,"items":
        {"type":"object","required":["role","instruction","produces"],"properties":{"role":{"type":"string"},"instruction":{"type":"string"},"produces":{"type":"string"}}}}}}
        """);
}
