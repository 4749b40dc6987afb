using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AgentMesh.Agents;
using AgentMesh.Contracts;

namespace AgentMesh.Tools;

/// <summary>Reads a call's arguments into their type and writes results, so that every tool refuses odd shapes in the same words.</summary>
internal static class ToolArguments
{
    public static T Read<T>(ToolCall call, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return call.Arguments.Deserialize(type) ?? throw Wrong("The arguments must be a JSON object.");
        }
        catch (JsonException exception)
        {
            throw Wrong($"The arguments do not fit the tool's schema: {exception.Message}", exception);
        }
    }

    public static ToolResult Result<T>(T value, JsonTypeInfo<T> type, Trust? trust = null) =>
        new(JsonSerializer.SerializeToElement(value, type), trust);

    /// <summary>What the agent did wrong and can do better.</summary>
    public static ToolException Wrong(string message, Exception? inner = null) => new(FailureKind.Permanent, message, inner: inner);
}
