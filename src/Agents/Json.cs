using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMesh.Contracts;

namespace AgentMesh.Agents;

/// <summary>Small helpers for values that are built and read by hand.</summary>
internal static class Json
{
    public static JsonElement Element(this JsonNode node) => MeshJson.Parse(node.ToJsonString());

    public static JsonNode Node(this JsonElement element) => JsonNode.Parse(element.GetRawText())!;

    /// <summary>Text of a string property; null where it is missing or of another type.</summary>
    public static string? Text(this JsonElement element, string property) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() : null;

    public static double? Number(this JsonElement element, string property) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(property, out var value)
        && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) ? number : null;

    public static int? Whole(this JsonElement element, string property) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(property, out var value)
        && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;

    public static JsonElement? Property(this JsonElement element, string property) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(property, out var value) && value.ValueKind != JsonValueKind.Null
            ? value : null;

    /// <summary>Items of a list property; empty where it is missing or no list.</summary>
    public static IReadOnlyList<JsonElement> Items(this JsonElement element, string property) =>
        element.Property(property) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : [];

    /// <summary>The strings of a list property.</summary>
    public static IReadOnlyList<string> Texts(this JsonElement element, string property) =>
        [.. element.Items(property).Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)];

    public static JsonArray List(IEnumerable<JsonNode> items) => new([.. items]);

    public static JsonArray List(IEnumerable<string> items) => new([.. items.Select(item => (JsonNode)item)]);
}
