using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Span = System.Diagnostics.Activity;

namespace AgentMesh.Runtime.Telemetry;

/// <summary>Writes contents on spans where that was asked for, redacted, in the shape that the conventions give messages.</summary>
internal static class SpanContent
{
    public static void Prompt(this Span span, IEnumerable<ChatMessage> messages, Func<string, string>? redact)
    {
        if (redact is not null) span.SetTag(GenAi.InputMessages, Messages(messages, null, redact));
    }

    public static void Answer(this Span span, ChatResponse response, Func<string, string>? redact)
    {
        if (redact is not null) span.SetTag(GenAi.OutputMessages, Messages(response.Messages, response.FinishReason?.Value ?? "stop", redact));
    }

    /// <param name="name">The attribute.</param>
    public static void Value(this Span span, string name, JsonElement? value, Func<string, string>? redact)
    {
        if (redact is not null && value is { } some) span.SetTag(name, redact(some.GetRawText()));
    }

    private static string Messages(IEnumerable<ChatMessage> messages, string? finish, Func<string, string> redact)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var message in messages)
            {
                json.WriteStartObject();
                json.WriteString("role", message.Role.Value);
                json.WriteStartArray("parts");
                foreach (var content in message.Contents) Part(json, content, redact);
                json.WriteEndArray();
                if (finish is not null) json.WriteString("finish_reason", finish);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Part(Utf8JsonWriter json, AIContent content, Func<string, string> redact)
    {
        json.WriteStartObject();
        switch (content)
        {
            case TextContent text:
                json.WriteString("type", "text");
                json.WriteString("content", redact(text.Text));
                break;
            case TextReasoningContent thought:
                json.WriteString("type", "reasoning");
                json.WriteString("content", redact(thought.Text));
                break;
            case FunctionCallContent call:
                json.WriteString("type", "tool_call");
                json.WriteString("id", call.CallId);
                json.WriteString("name", call.Name);
                json.WriteStartObject("arguments");
                foreach (var (name, value) in call.Arguments ?? new Dictionary<string, object?>(StringComparer.Ordinal)) json.WriteString(name, redact(value?.ToString() ?? ""));
                json.WriteEndObject();
                break;
            case FunctionResultContent result:
                json.WriteString("type", "tool_call_response");
                json.WriteString("id", result.CallId);
                json.WriteString("response", redact(result.Result?.ToString() ?? ""));
                break;
            default:
                json.WriteString("type", content.GetType().Name);
                break;
        }

        json.WriteEndObject();
    }
}
