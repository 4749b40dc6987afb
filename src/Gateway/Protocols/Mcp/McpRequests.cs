using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentMesh.Gateway.Protocols.Mcp;

internal sealed record InitializeParameters(string ProtocolVersion);

/// <summary>Parameters of <c>tools/call</c>.</summary>
internal sealed record CallParameters(string Name, JsonElement? Arguments = null, [property: JsonPropertyName("_meta")] CallMeta? Meta = null);

/// <param name="ProgressToken">A string or a number; given by clients that want progress.</param>
internal sealed record CallMeta(JsonElement? ProgressToken = null);

internal sealed record ReadParameters(string Uri);

internal sealed record PageParameters(string? Cursor = null);

/// <summary>What a client of MCP sends around the arguments of tools: tolerant, as the protocol grows.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    MaxDepth = 64)]
[JsonSerializable(typeof(InitializeParameters))]
[JsonSerializable(typeof(CallParameters))]
[JsonSerializable(typeof(ReadParameters))]
[JsonSerializable(typeof(PageParameters))]
internal sealed partial class McpJson : JsonSerializerContext;

internal sealed record SubmitArguments(string Text, string? Playbook = null, IReadOnlyList<FileArgument>? Files = null);

internal sealed record AgentArguments(string Text, string? Produces = null, IReadOnlyList<FileArgument>? Files = null);

/// <param name="Text">What it holds, or <paramref name="Base64"/> its bytes.</param>
internal sealed record FileArgument(string Name, string? Text = null, string? Base64 = null);

internal sealed record GoalArguments(string Goal);

internal sealed record DecideArguments(string Goal, string Request, string Verdict, string? Reason = null, JsonElement? Arguments = null);

internal sealed record AnswerArguments(string Goal, string Request, string Answer);

internal sealed record CancelArguments(string Goal, string? Reason = null);

internal sealed record NoArguments;

/// <summary>Arguments of tools: strict, so that a model's misspelt argument is an error that it can read.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, MaxDepth = 64)]
[JsonSerializable(typeof(SubmitArguments))]
[JsonSerializable(typeof(AgentArguments))]
[JsonSerializable(typeof(GoalArguments))]
[JsonSerializable(typeof(DecideArguments))]
[JsonSerializable(typeof(AnswerArguments))]
[JsonSerializable(typeof(CancelArguments))]
[JsonSerializable(typeof(NoArguments))]
internal sealed partial class McpArguments : JsonSerializerContext;
