using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentMesh.Inference.OpenAi;

// What is read of an answer. Every field may be missing: llama-server, vLLM, Ollama and proxies each leave out others.
// Fields whose type differs between servers are elements, read by hand.

internal sealed record Completion(
    string? Id, string? Model, IReadOnlyList<Choice?>? Choices, TokenUsage? Usage, JsonElement Error);

/// <param name="Message">Of a whole answer.</param>
/// <param name="Delta">Of a part of a stream.</param>
internal sealed record Choice(Answer? Message, Answer? Delta, string? FinishReason);

/// <param name="Content">Text, null, or a list of parts.</param>
internal sealed record Answer(
    JsonElement Content, string? Reasoning, string? ReasoningContent, string? Refusal, IReadOnlyList<ToolCall?>? ToolCalls);

internal sealed record ToolCall(int? Index, string? Id, CalledFunction? Function);

/// <param name="Arguments">JSON in a string; some servers send the object itself.</param>
internal sealed record CalledFunction(string? Name, JsonElement Arguments);

internal sealed record TokenUsage(long? PromptTokens, long? CompletionTokens, long? TotalTokens);

internal sealed record EmbeddingAnswer(IReadOnlyList<EmbeddingItem?>? Data, TokenUsage? Usage, string? Model, JsonElement Error);

internal sealed record EmbeddingItem(int? Index, float[]? Embedding);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, AllowDuplicateProperties = false, MaxDepth = 64)]
[JsonSerializable(typeof(Completion))]
[JsonSerializable(typeof(EmbeddingAnswer))]
internal sealed partial class WireJson : JsonSerializerContext;
