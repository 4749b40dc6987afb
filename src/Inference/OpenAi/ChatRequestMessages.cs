using System.Text.Json;
using AgentMesh.Agents.Models;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.OpenAi;

/// <summary>Writes messages in the form that every compatible server reads: plain strings wherever a string says it all.</summary>
internal static class ChatRequestMessages
{
    public static void Plain(Utf8JsonWriter json, string role, string text)
    {
        json.WriteStartObject();
        json.WriteString("role", role);
        json.WriteString("content", text);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, ChatMessage message)
    {
        // One message may hold several results; the API wants a message for each.
        var results = 0;
        foreach (var content in message.Contents)
        {
            if (content is not FunctionResultContent result) continue;
            results++;
            json.WriteStartObject();
            json.WriteString("role", "tool");
            json.WriteString("tool_call_id", result.CallId);
            json.WriteString("content", ResultText(result));
            json.WriteEndObject();
        }

        if (results > 0 && results == message.Contents.Count) return;

        var calls = message.Contents.OfType<FunctionCallContent>().ToList();
        var text = string.Concat(message.Contents.OfType<TextContent>().Select(t => t.Text));
        json.WriteStartObject();
        json.WriteString("role", message.Role.Value);
        if (message.Contents.Any(c => c is DataContent or UriContent)) Parts(json, message);
        else if (text.Length == 0 && calls.Count > 0) json.WriteNull("content");
        else json.WriteString("content", text);
        if (calls.Count > 0) Calls(json, calls);
        json.WriteEndObject();
    }

    private static void Calls(Utf8JsonWriter json, IReadOnlyList<FunctionCallContent> calls)
    {
        json.WriteStartArray("tool_calls");
        foreach (var call in calls)
        {
            json.WriteStartObject();
            json.WriteString("id", call.CallId);
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", call.Name);
            json.WriteString("arguments", ToolCalls.ArgumentsText(call));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Parts(Utf8JsonWriter json, ChatMessage message)
    {
        json.WriteStartArray("content");
        foreach (var content in message.Contents)
        {
            var image = content switch
            {
                DataContent data when data.HasTopLevelMediaType("image") => data.Uri,
                UriContent uri when uri.HasTopLevelMediaType("image") => uri.Uri.ToString(),
                DataContent or UriContent => throw new ModelException(ModelErrorKind.Rejected,
                    "Only text and images can be sent to a chat model; extract the attachment's text first."),
                _ => null,
            };
            if (image is null && content is not TextContent) continue;
            json.WriteStartObject();
            json.WriteString("type", image is null ? "text" : "image_url");
            if (image is null)
            {
                json.WriteString("text", ((TextContent)content).Text);
            }
            else
            {
                json.WriteStartObject("image_url");
                json.WriteString("url", image);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    internal static string ResultText(FunctionResultContent result) => result.Result switch
    {
        null => result.Exception is { } error ? $"Error: {error.Message}" : "",
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } element => element.GetString()!,
        JsonElement element => element.GetRawText(),
        var value => JsonSerializer.Serialize(value, AIJsonUtilities.DefaultOptions.GetTypeInfo(value.GetType())),
    };
}
