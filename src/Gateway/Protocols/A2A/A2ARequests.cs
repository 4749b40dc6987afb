using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentMesh.Gateway.Protocols.A2A;

/// <summary>Parameters of <c>SendMessage</c> and <c>SendStreamingMessage</c>, as far as a mesh heeds them.</summary>
internal sealed record SendParameters(A2AMessage Message, SendConfiguration? Configuration = null);

/// <param name="TaskId">The goal that the message is for; empty for a new one.</param>
/// <param name="Metadata"><c>playbook</c> names the playbook that a new goal follows.</param>
internal sealed record A2AMessage(string MessageId, IReadOnlyList<A2APart> Parts, string? Role = null, string? TaskId = null, string? ContextId = null, JsonElement? Metadata = null);

/// <param name="Raw">A file's bytes in base64.</param>
internal sealed record A2APart(string? Text = null, string? Raw = null, string? Url = null, JsonElement? Data = null, string? Filename = null);

internal sealed record SendConfiguration(bool? ReturnImmediately = null);

/// <summary>Parameters of methods that are about one task.</summary>
internal sealed record TaskParameters(string Id);

/// <summary>A decision or an answer, as the data of a part: which request it is for, and what is said.</summary>
internal sealed record A2AReply(string Request, string? Verdict = null, string? Reason = null, JsonElement? Arguments = null, string? Answer = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    MaxDepth = 64)]
[JsonSerializable(typeof(SendParameters))]
[JsonSerializable(typeof(TaskParameters))]
[JsonSerializable(typeof(A2AReply))]
internal sealed partial class A2AJson : JsonSerializerContext;
