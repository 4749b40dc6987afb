using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Redaction;

/// <summary>Applies a <see cref="Placeholders"/> to all that a conversation holds: texts, tool calls and tool results. The originals stay as they are.</summary>
internal static class MessageRedaction
{
    public static IReadOnlyList<ChatMessage> Hide(this Placeholders placeholders, IEnumerable<ChatMessage> messages)
    {
        var hidden = new List<ChatMessage>();
        foreach (var message in messages)
        {
            var copy = message.Clone();
            copy.Contents = [.. message.Contents.Select(c => Map(c, placeholders.Hide))];
            hidden.Add(copy);
        }

        return hidden;
    }

    public static AIContent Restore(this Placeholders placeholders, AIContent content, Func<string, string>? write) => content switch
    {
        TextContent text => new TextContent(placeholders.Restore(text.Text, write)) { AdditionalProperties = text.AdditionalProperties },
        _ => Map(content, text => placeholders.Restore(text)),
    };

    /// <summary>How a value is written inside an answer that is JSON as a whole.</summary>
    public static Func<string, string>? Writer(ChatOptions? options) =>
        options?.ResponseFormat is ChatResponseFormatJson
            ? static value => JsonEncodedText.Encode(value, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString()
            : null;

    private static AIContent Map(AIContent content, Func<string, string> map) => content switch
    {
        TextContent text => new TextContent(map(text.Text)),
        TextReasoningContent reasoning => new TextReasoningContent(map(reasoning.Text)),
        FunctionCallContent call => new FunctionCallContent(call.CallId, call.Name,
            call.Arguments?.ToDictionary(a => a.Key, a => Map(a.Value, map), StringComparer.Ordinal))
        {
            Exception = call.Exception,
            AdditionalProperties = Map(call.AdditionalProperties, map),
        },
        FunctionResultContent result => new FunctionResultContent(result.CallId, Map(result.Result, map)) { Exception = result.Exception },
        _ => content,
    };

    private static AdditionalPropertiesDictionary? Map(AdditionalPropertiesDictionary? properties, Func<string, string> map)
    {
        if (properties is null) return null;
        var mapped = new AdditionalPropertiesDictionary();
        foreach (var (name, value) in properties) mapped[name] = Map(value, map);
        return mapped;
    }

    private static object? Map(object? value, Func<string, string> map) => value switch
    {
        string text => map(text),
        JsonElement element => Map(JsonSerializer.SerializeToNode(element, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(JsonElement))), map) is { } node
            ? JsonSerializer.SerializeToElement(node, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(JsonNode)))
            : element,
        JsonNode node => Map(node.DeepClone(), map),
        _ => value,
    };

    /// <summary>Works on decoded strings: a server may have written the brackets as escapes. Property names are schema, not data.</summary>
    private static JsonNode? Map(JsonNode? node, Func<string, string> map)
    {
        switch (node)
        {
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                return JsonValue.Create(map(value.GetValue<string>()));
            case JsonObject members:
                foreach (var (name, member) in members.ToList()) members[name] = Map(Detached(member), map);
                return members;
            case JsonArray items:
                for (var i = 0; i < items.Count; i++) items[i] = Map(Detached(items[i]), map);
                return items;
            default:
                return node;
        }
    }

    private static JsonNode? Detached(JsonNode? node) => node?.DeepClone();
}
