using System.Text.Json;

namespace AgentMesh.Samples;

/// <summary>Reads what tests expect to be there, and null where nothing may be.</summary>
internal static class JsonReading
{
    public static string? Text(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static int Whole(this JsonElement element, string name) => element.GetProperty(name).GetInt32();

    public static IReadOnlyList<JsonElement> Items(this JsonElement element, string name) => [.. element.GetProperty(name).EnumerateArray()];
}
