using System.Text.Json;
using AgentMesh.Agents.Schema;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;

namespace AgentMesh.Runtime;

/// <summary>The result of a call that a person vouched for, where neither a probe nor a repeat can fetch it.</summary>
internal static class VouchedResult
{
    /// <summary>A person's bare word: enough for a tool that promises no shape of what it returns.</summary>
    public static readonly JsonElement Word = MeshJson.Parse("""{"confirmed":"a person said that it happened"}""");

    /// <returns>Null when what was given will not do, with <paramref name="wrong"/> saying why.</returns>
    public static JsonElement? Read(string answer, ToolDescriptor? tool, out string wrong)
    {
        wrong = "";
        try
        {
            var value = MeshJson.Parse(answer);
            if (value.ValueKind != JsonValueKind.Object) wrong = "that is no JSON object";
            else if (Errors(tool, value) is { Count: > 0 } errors) wrong = string.Join("; ", errors);
            else return value;
        }
        catch (JsonException)
        {
            wrong = "that is no JSON";
        }

        return null;
    }

    /// <summary>What of the promised shape a value lacks; empty where none is promised.</summary>
    public static IReadOnlyList<string> Errors(ToolDescriptor? tool, JsonElement value) => tool?.Result is { } schema ? SchemaValidator.Validate(schema, value) : [];

    public static string Question(CallState call, ToolDescriptor tool, string why) =>
        $"The call {call.Id.Value} of {call.Name} happened, as a person said, but not what it gave ({why}). Look it up by its key {call.Key} and answer with a JSON object"
        + $"{Fields(tool)}, or with \"{EffectLedger.DidNotHappen}\" if it did not after all.";

    private static string Fields(ToolDescriptor tool)
    {
        if (tool.Result is not { ValueKind: JsonValueKind.Object } schema || !schema.TryGetProperty("required", out var required)) return "";
        return $" that has {string.Join(", ", required.EnumerateArray().Select(field => field.GetString()))}";
    }
}
