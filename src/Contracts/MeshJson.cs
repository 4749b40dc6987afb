using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentMesh.Contracts;

/// <summary>The one codec: compact, camel case, enums by name, nulls left out, duplicate properties refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(GoalEvent))]
[JsonSerializable(typeof(GoalSpec))]
[JsonSerializable(typeof(GoalQuery))]
[JsonSerializable(typeof(ForkRequest))]
[JsonSerializable(typeof(GoalView))]
[JsonSerializable(typeof(IReadOnlyList<GoalSummary>))]
[JsonSerializable(typeof(IReadOnlyList<ModelUsage>))]
[JsonSerializable(typeof(IReadOnlyList<UsageDay>))]
[JsonSerializable(typeof(JournalEntry))]
[JsonSerializable(typeof(Plan))]
[JsonSerializable(typeof(Artifact))]
[JsonSerializable(typeof(Playbook))]
[JsonSerializable(typeof(IReadOnlyList<RoleDescriptor>))]
[JsonSerializable(typeof(IReadOnlyList<ToolDescriptor>))]
[JsonSerializable(typeof(IReadOnlyList<Playbook>))]
[JsonSerializable(typeof(ClusterView))]
[JsonSerializable(typeof(ActivityView))]
[JsonSerializable(typeof(WebhookMessage))]
[JsonSerializable(typeof(JsonElement))]
public sealed partial class MeshJson : JsonSerializerContext
{
    /// <summary>Parses JSON from outside: duplicate keys and more than 64 levels are errors.</summary>
    /// <exception cref="JsonException">It is not JSON of that shape.</exception>
    public static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json, Strict);
        return document.RootElement.Clone();
    }

    public static JsonElement Parse(ReadOnlyMemory<byte> utf8)
    {
        using var document = JsonDocument.Parse(utf8, Strict);
        return document.RootElement.Clone();
    }

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };
}
