using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Gateway.Health;
using AgentMesh.Orchestration;

namespace AgentMesh.Gateway.Http;

/// <summary>Bodies that come in: strict, so that a misspelt or doubled property is an error and no silent default.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true,
    AllowDuplicateProperties = false, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true, MaxDepth = 64)]
[JsonSerializable(typeof(GoalRequest))]
[JsonSerializable(typeof(GoalForkRequest))]
[JsonSerializable(typeof(DecisionRequest))]
[JsonSerializable(typeof(AnswerRequest))]
[JsonSerializable(typeof(MessageRequest))]
[JsonSerializable(typeof(CancelRequest))]
[JsonSerializable(typeof(KnowledgeRequest))]
[JsonSerializable(typeof(KeyRequest))]
[JsonSerializable(typeof(WebhookRequest))]
[JsonSerializable(typeof(WebhookReplay))]
internal sealed partial class RequestJson : JsonSerializerContext;

/// <summary>Bodies that go out and are no part of the mesh's own codec.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(GoalAccepted))]
[JsonSerializable(typeof(GoalListing))]
[JsonSerializable(typeof(ApprovalListing))]
[JsonSerializable(typeof(ApprovalsNow))]
[JsonSerializable(typeof(ArtifactListing))]
[JsonSerializable(typeof(UsageReport))]
[JsonSerializable(typeof(IReadOnlyList<Decision>))]
[JsonSerializable(typeof(IReadOnlyList<KnowledgeEntry>))]
[JsonSerializable(typeof(IReadOnlyList<Passage>))]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(CallerView))]
[JsonSerializable(typeof(KeyMade))]
[JsonSerializable(typeof(WebhookMade))]
[JsonSerializable(typeof(WebhookView))]
[JsonSerializable(typeof(WebhookTested))]
[JsonSerializable(typeof(WebhookReplayed))]
[JsonSerializable(typeof(IReadOnlyList<WebhookView>))]
[JsonSerializable(typeof(IReadOnlyList<KeyView>))]
[JsonSerializable(typeof(AuditListing))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class GatewayJson : JsonSerializerContext;
