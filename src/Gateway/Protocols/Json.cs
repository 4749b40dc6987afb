using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentMesh.Gateway.Protocols;

/// <summary>Small things about JSON of other people's shapes.</summary>
internal static class Json
{
    /// <summary>A member that is a string; null for anything else.</summary>
    public static string? Member(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.String ? found.GetString() : null;

    public static JsonNode? Node(JsonElement? value) => value is { } one ? JsonNode.Parse(one.GetRawText()) : null;
}
