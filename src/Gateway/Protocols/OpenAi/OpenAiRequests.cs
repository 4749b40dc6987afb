using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentMesh.Gateway.Protocols.OpenAi;

/// <summary>The body of <c>POST /v1/chat/completions</c>, as far as a mesh heeds it: how a model samples is the roles' own business.</summary>
internal sealed record ChatRequest(
    string Model, IReadOnlyList<ChatMessage> Messages, bool? Stream = null, StreamOptions? StreamOptions = null, int? N = null,
    IReadOnlyList<JsonElement>? Tools = null, Format? ResponseFormat = null);

/// <param name="Content">A string, or parts.</param>
internal sealed record ChatMessage(string Role, JsonElement? Content = null);

internal sealed record StreamOptions(bool? IncludeUsage = null);

internal sealed record Format(string? Type = null);

/// <summary>The body of <c>POST /v1/responses</c>.</summary>
/// <param name="Input">A string, or items.</param>
internal sealed record ResponseRequest(
    string Model, JsonElement Input, string? Instructions = null, bool? Stream = null, bool? Background = null, string? PreviousResponseId = null,
    IReadOnlyList<JsonElement>? Tools = null, TextFormat? Text = null);

internal sealed record TextFormat(Format? Format = null);

/// <summary>The body of <c>POST /v1/embeddings</c>.</summary>
/// <param name="Input">A string, or several.</param>
internal sealed record EmbeddingRequest(string Model, JsonElement Input, string? EncodingFormat = null, int? Dimensions = null);

/// <summary>Tolerant of members that are not heeded, as the API grows; of nothing else.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, AllowDuplicateProperties = false, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true, MaxDepth = 64)]
[JsonSerializable(typeof(ChatRequest))]
[JsonSerializable(typeof(ResponseRequest))]
[JsonSerializable(typeof(EmbeddingRequest))]
internal sealed partial class OpenAiJson : JsonSerializerContext;
