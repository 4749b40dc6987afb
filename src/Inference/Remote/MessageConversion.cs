using System.Text.Json;
using AgentMesh.Agents.Models;
using AgentMesh.Inference.OpenAi;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Remote;

/// <summary>Messages and their parts, to the wire and back.</summary>
internal static class MessageConversion
{
    public static InferenceMessage ToWire(ChatMessage message) =>
        new(message.Role.Value, [.. message.Contents.Select(ToWire).OfType<InferencePart>()], message.AuthorName, message.MessageId);

    public static ChatMessage FromWire(InferenceMessage message) =>
        new(new ChatRole(message.Role), [.. message.Parts.Select(FromWire)]) { AuthorName = message.Author, MessageId = message.Id };

    /// <returns>Null for usage, which has its own place on the wire.</returns>
    /// <exception cref="ModelException">A part has no form on the wire.</exception>
    public static InferencePart? ToWire(AIContent content) => content switch
    {
        TextContent text => new InferencePart.Text(text.Text),
        TextReasoningContent reasoning => new InferencePart.Reasoning(reasoning.Text, reasoning.ProtectedData),
        FunctionCallContent call => new InferencePart.Call(
            call.CallId, call.Name, call.Arguments?.ToDictionary(a => a.Key, a => Element(a.Value), StringComparer.Ordinal),
            call.AdditionalProperties?.TryGetValue(ToolCalls.RawArguments, out var raw) == true ? raw as string : null, call.Exception?.Message),
        FunctionResultContent result => new InferencePart.Result(
            result.CallId, result.Result is null ? null : Element(result.Result), result.Exception?.Message),
        DataContent data => new InferencePart.Data(data.Uri, data.Name),
        UriContent link => new InferencePart.Link(link.Uri.ToString(), link.MediaType),
        UsageContent => null,
        _ => throw new ModelException(ModelErrorKind.Rejected,
            $"A message holds {content.GetType().Name}, which cannot be sent to the inference pool; send text, images, tool calls and results."),
    };

    public static AIContent FromWire(InferencePart part) => part switch
    {
        InferencePart.Text text => new TextContent(text.Value),
        InferencePart.Reasoning reasoning => new TextReasoningContent(reasoning.Value) { ProtectedData = reasoning.Protected },
        InferencePart.Call call => new FunctionCallContent(
            call.Id, call.Name, call.Arguments?.ToDictionary(a => a.Key, a => (object?)a.Value, StringComparer.Ordinal))
        {
            Exception = call.Error is { } error ? new JsonException(error) : null,
            AdditionalProperties = call.Raw is { } raw ? new AdditionalPropertiesDictionary { [ToolCalls.RawArguments] = raw } : null,
        },
        InferencePart.Result result => new FunctionResultContent(result.Id, Value(result.Value))
        {
            Exception = result.Error is { } error ? new InvalidOperationException(error) : null,
        },
        InferencePart.Data data => new DataContent(data.Uri) { Name = data.Name },
        InferencePart.Link link => new UriContent(link.Uri, link.MediaType),
        _ => throw new JsonException($"{part.GetType().Name} is no part of a message."),
    };

    /// <exception cref="ModelException">The value is of a type that no serializer here knows.</exception>
    public static JsonElement Element(object? value)
    {
        try
        {
            return value is JsonElement { ValueKind: not JsonValueKind.Undefined } element ? element
                : JsonSerializer.SerializeToElement(value is JsonElement ? null : value, AIJsonUtilities.DefaultOptions.GetTypeInfo(value?.GetType() ?? typeof(object)));
        }
        catch (Exception e) when (e is NotSupportedException or JsonException or ArgumentException)
        {
            throw new ModelException(ModelErrorKind.Rejected,
                $"A value of type {value?.GetType().Name} cannot be sent to the inference pool; give it as text or as a JSON element.", e);
        }
    }

    /// <summary>Text comes back as the string it was; everything else as JSON.</summary>
    private static object? Value(JsonElement? element) =>
        element is { ValueKind: JsonValueKind.String } text ? text.GetString() : element is { } value ? value : null;
}
