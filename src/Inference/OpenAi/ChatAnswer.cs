using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.OpenAi;

/// <summary>Reads one answer, or one part of a streamed answer, into the abstractions' contents.</summary>
internal static class ChatAnswer
{
    /// <summary>Text and reasoning; tool calls are assembled by the caller.</summary>
    public static IEnumerable<AIContent> Contents(Answer answer)
    {
        if ((answer.ReasoningContent ?? answer.Reasoning) is { Length: > 0 } reasoning) yield return new TextReasoningContent(reasoning);
        if (Text(answer.Content) is { Length: > 0 } text) yield return new TextContent(text);
        if (answer.Refusal is { Length: > 0 } refusal) yield return new ErrorContent(refusal) { ErrorCode = "refusal" };
    }

    /// <summary>Servers disagree on the reason beside tool calls and on leaving it out; the calls themselves decide.</summary>
    public static ChatFinishReason Finish(string? reason, bool calledTools) => reason switch
    {
        "length" or "max_tokens" => ChatFinishReason.Length,
        "content_filter" => ChatFinishReason.ContentFilter,
        _ when calledTools => ChatFinishReason.ToolCalls,
        null or "" or "stop" or "eos" or "tool_calls" or "function_call" => ChatFinishReason.Stop,
        _ => new ChatFinishReason(reason),
    };

    public static UsageDetails? Usage(TokenUsage? usage) => usage is null ? null : new UsageDetails
    {
        InputTokenCount = usage.PromptTokens,
        OutputTokenCount = usage.CompletionTokens,
        TotalTokenCount = usage.TotalTokens ?? usage.PromptTokens + usage.CompletionTokens,
    };

    private static string? Text(JsonElement content)
    {
        switch (content.ValueKind)
        {
            case JsonValueKind.String:
                return content.GetString();
            case JsonValueKind.Array:
                var all = new StringBuilder();
                foreach (var part in content.EnumerateArray())
                    if (part.ValueKind == JsonValueKind.Object && part.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String)
                        all.Append(text.GetString());
                return all.ToString();
            default:
                return null;
        }
    }
}
