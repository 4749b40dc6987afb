using System.Buffers;
using System.Text.Json;
using AgentMesh.Agents.Models;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.OpenAi;

/// <summary>Writes the body of one chat completion request. Optional fields appear only when set: small servers reject what they do not know.</summary>
internal static class ChatRequest
{
    public static byte[] Write(
        IEnumerable<ChatMessage> messages, ChatOptions? options, string model, int defaultMaxOutput, Dialect dialect, bool stream)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("model", model);
            json.WriteStartArray("messages");
            if (!string.IsNullOrEmpty(options?.Instructions)) ChatRequestMessages.Plain(json, "system", options.Instructions);
            foreach (var message in messages) ChatRequestMessages.Write(json, message);
            json.WriteEndArray();
            Limits(json, options, defaultMaxOutput, dialect);
            Tools(json, options);
            if (options?.ResponseFormat is ChatResponseFormatJson format) Format(json, format);
            if (stream)
            {
                json.WriteBoolean("stream", true);
                if (dialect.StreamUsage)
                {
                    json.WriteStartObject("stream_options");
                    json.WriteBoolean("include_usage", true);
                    json.WriteEndObject();
                }
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Limits(Utf8JsonWriter json, ChatOptions? options, int defaultMaxOutput, Dialect dialect)
    {
        json.WriteNumber(dialect.MaxCompletionTokens ? "max_completion_tokens" : "max_tokens", options?.MaxOutputTokens ?? defaultMaxOutput);
        if (options is null) return;
        if (dialect.Sampling)
        {
            Number(json, "temperature", options.Temperature);
            Number(json, "top_p", options.TopP);
        }

        if (options.TopK is { } topK) json.WriteNumber("top_k", topK);
        Number(json, "frequency_penalty", options.FrequencyPenalty);
        Number(json, "presence_penalty", options.PresencePenalty);
        if (options.Seed is { } seed) json.WriteNumber("seed", seed);
        if (options.StopSequences is not { Count: > 0 } stops) return;
        json.WriteStartArray("stop");
        foreach (var stop in stops) json.WriteStringValue(stop);
        json.WriteEndArray();
    }

    /// <summary>As decimal: 0.2f widened to a double would read 0.20000000298023224.</summary>
    private static void Number(Utf8JsonWriter json, string name, float? value)
    {
        if (value is { } number) json.WriteNumber(name, (decimal)number);
    }

    private static void Tools(Utf8JsonWriter json, ChatOptions? options)
    {
        if (options?.Tools is not { Count: > 0 } tools) return;
        json.WriteStartArray("tools");
        foreach (var tool in tools)
        {
            if (tool is not AIFunctionDeclaration function)
                throw new ModelException(ModelErrorKind.Rejected, $"The tool '{tool.Name}' is not a function; chat completions know functions only.");
            json.WriteStartObject();
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", function.Name);
            if (!string.IsNullOrEmpty(function.Description)) json.WriteString("description", function.Description);
            json.WritePropertyName("parameters");
            function.JsonSchema.WriteTo(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        switch (options.ToolMode)
        {
            case RequiredChatToolMode { RequiredFunctionName: { } name }:
                json.WriteStartObject("tool_choice");
                json.WriteString("type", "function");
                json.WriteStartObject("function");
                json.WriteString("name", name);
                json.WriteEndObject();
                json.WriteEndObject();
                break;
            case RequiredChatToolMode:
                json.WriteString("tool_choice", "required");
                break;
            case NoneChatToolMode:
                json.WriteString("tool_choice", "none");
                break;
            case AutoChatToolMode:
                json.WriteString("tool_choice", "auto");
                break;
        }

        if (options.AllowMultipleToolCalls is { } parallel) json.WriteBoolean("parallel_tool_calls", parallel);
    }

    private static void Format(Utf8JsonWriter json, ChatResponseFormatJson format)
    {
        json.WriteStartObject("response_format");
        if (format.Schema is not { } schema)
        {
            json.WriteString("type", "json_object");
        }
        else
        {
            json.WriteString("type", "json_schema");
            json.WriteStartObject("json_schema");
            json.WriteString("name", format.SchemaName ?? "answer");
            if (!string.IsNullOrEmpty(format.SchemaDescription)) json.WriteString("description", format.SchemaDescription);
            // OpenAI enforces a schema only under "strict", and refuses strict schemas outside a subset.
            if (IsStrict(schema)) json.WriteBoolean("strict", true);
            json.WritePropertyName("schema");
            schema.WriteTo(json);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>Whether every object in the schema is closed and requires all of its properties.</summary>
    internal static bool IsStrict(JsonElement schema)
    {
        if (schema.ValueKind == JsonValueKind.Array) return schema.EnumerateArray().All(IsStrict);
        if (schema.ValueKind != JsonValueKind.Object) return true;
        if (schema.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object)
        {
            if (!schema.TryGetProperty("additionalProperties", out var additional) || additional.ValueKind != JsonValueKind.False) return false;
            if (!schema.TryGetProperty("required", out var required) || required.ValueKind != JsonValueKind.Array) return false;
            var names = required.EnumerateArray().Select(n => n.GetString()).ToHashSet(StringComparer.Ordinal);
            if (!properties.EnumerateObject().All(p => names.Contains(p.Name) && IsStrict(p.Value))) return false;
        }
        else if (schema.TryGetProperty("type", out var type) && type.ValueEquals("object"))
        {
            return false;
        }

        return schema.EnumerateObject().All(p => p.NameEquals("properties") || IsStrict(p.Value));
    }
}
