using System.Text.Json.Serialization;
using AgentMesh.Agents;
using AgentMesh.Contracts;

namespace AgentMesh.Cli.Remote;

/// <summary>What goes to a server and comes back, beside the mesh's own codec.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(GoalRequest))]
[JsonSerializable(typeof(GoalForkRequest))]
[JsonSerializable(typeof(DecisionRequest))]
[JsonSerializable(typeof(AnswerRequest))]
[JsonSerializable(typeof(MessageRequest))]
[JsonSerializable(typeof(CancelRequest))]
[JsonSerializable(typeof(KnowledgeRequest))]
[JsonSerializable(typeof(KeyRequest))]
[JsonSerializable(typeof(KeyMade))]
[JsonSerializable(typeof(IReadOnlyList<KeyView>))]
[JsonSerializable(typeof(GoalAccepted))]
[JsonSerializable(typeof(GoalListing))]
[JsonSerializable(typeof(IReadOnlyList<KnowledgeEntry>))]
[JsonSerializable(typeof(IReadOnlyList<Passage>))]
[JsonSerializable(typeof(Problem))]
internal sealed partial class RemoteJson : JsonSerializerContext;
