using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using AgentMesh.Agents.Models;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.OpenAi;

/// <summary>Chat over <c>POST chat/completions</c>: one request per call, no retries, no limits of time; the chain adds those.</summary>
internal sealed class ChatCompletionsClient(ModelEndpoint endpoint, string model, int defaultMaxOutput, LearnedModel learned) : IChatClient
{
    /// <summary>A refusal may name one field at a time; three are known, so a request is rewritten three times at most.</summary>
    private const int MaxRewrites = 3;

    private readonly ChatClientMetadata _metadata = new("openai-compatible", endpoint.Url, model);

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var sent = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        using var response = await Send(sent, options, stream: false, cancellationToken);
        var completion = await endpoint.Read(response, WireJson.Default.Completion, cancellationToken);
        return Whole(completion, options, Turn(sent));
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var sent = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        using var response = await Send(sent, options, stream: true, cancellationToken);
        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            // Some servers and proxies ignore "stream" and send the whole answer.
            var completion = await endpoint.Read(response, WireJson.Default.Completion, cancellationToken);
            foreach (var update in Whole(completion, options, Turn(sent)).ToChatResponseUpdates()) yield return update;
            yield break;
        }

        await using var body = await endpoint.Body(response, cancellationToken);
        var reader = new ChatStream(endpoint.Errors, Turn(sent));
        await using var events = SseParser.Create(body, static (_, data) => ChatStream.Parse(data)).EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (!reader.Done)
        {
            ChatResponseUpdate? update;
            try
            {
                update = await events.MoveNextAsync() ? reader.Next(events.Current.Data) : reader.End();
            }
            catch (Exception e) when (EndpointErrors.IsTransport(e, cancellationToken))
            {
                throw endpoint.Errors.Transport(e, answering: true);
            }

            if (update is not null) yield return update;
        }

        Observe(options, reader.CalledTools, null, null);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? _metadata
        : serviceType == typeof(ModelCapabilities) ? learned.Capabilities
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    /// <summary>The endpoint is shared and owned by the chain.</summary>
    public void Dispose()
    {
    }

    private async Task<HttpResponseMessage> Send(IReadOnlyList<ChatMessage> messages, ChatOptions? options, bool stream, CancellationToken cancellationToken)
    {
        if (options?.Tools is { Count: > 0 } && learned.Capabilities.NativeTools == Support.No)
            throw Lacks(ModelFeature.NativeTools, $"'{model}' has no native tool calls; offer the tools in the prompt and read an action from the answer.", null);
        if (options?.ResponseFormat is ChatResponseFormatJson && learned.Capabilities.JsonSchema == Support.No)
            throw Lacks(ModelFeature.JsonSchema, $"'{model}' does not take a response format; put the schema into the prompt and check the answer.", null);

        for (var rewrites = 0; ; rewrites++)
        {
            var body = ChatRequest.Write(messages, options, options?.ModelId ?? model, defaultMaxOutput, learned.Dialect, stream);
            try
            {
                return await endpoint.Post("chat/completions", body, cancellationToken);
            }
            catch (RefusedException e)
            {
                if (rewrites < MaxRewrites && learned.Adapt(e)) continue;
                if (LearnedModel.Missing(e, options) is not { } feature) throw e.Error;
                learned.Learn(feature, Support.No);
                throw Lacks(feature, e.Error.Message, e.Error);
            }
        }
    }

    private static ModelException Lacks(ModelFeature feature, string message, ModelException? cause) =>
        new(ModelErrorKind.Rejected, message, cause) { Unsupported = feature, StatusCode = cause?.StatusCode };

    private ChatResponse Whole(Completion completion, ChatOptions? options, string turn)
    {
        if (completion.Error.ValueKind is JsonValueKind.Object or JsonValueKind.String) throw endpoint.Errors.InBand(completion.Error);
        if (completion.Choices is not [{ Message: { } answer } choice, ..]) throw endpoint.Errors.Bad("answered without a choice to read");

        var contents = ChatAnswer.Contents(answer).ToList();
        var calls = new ToolCalls.Assembler(completion.Id ?? turn);
        // A whole answer lists each call once, whatever its pieces' numbers say.
        foreach (var (i, call) in (answer.ToolCalls ?? []).Index())
            if (call is not null) calls.Add(call with { Index = i });
        var called = calls.Finish();
        contents.AddRange(called);
        if (contents.Count == 0 && choice.FinishReason is null) throw endpoint.Errors.Bad("answered with an empty message");

        var finish = ChatAnswer.Finish(choice.FinishReason, called.Count > 0);
        Observe(options, called.Count > 0, finish, string.Concat(contents.OfType<TextContent>().Select(t => t.Text)));
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, contents) { MessageId = completion.Id })
        {
            ResponseId = completion.Id,
            ModelId = completion.Model ?? options?.ModelId ?? model,
            FinishReason = finish,
            Usage = ChatAnswer.Usage(completion.Usage),
        };
    }

    /// <summary>
    /// A tool call proves native tools. A response format is proved by an answer that is JSON, and disproved by a finished one that is not:
    /// several servers take the field and ignore it.
    /// </summary>
    private void Observe(ChatOptions? options, bool calledTools, ChatFinishReason? finish, string? text)
    {
        if (calledTools && options?.Tools is { Count: > 0 }) learned.Learn(ModelFeature.NativeTools, Support.Yes);
        if (calledTools || finish != ChatFinishReason.Stop || string.IsNullOrWhiteSpace(text) || options?.ResponseFormat is not ChatResponseFormatJson) return;
        learned.Learn(ModelFeature.JsonSchema, IsJson(text) ? Support.Yes : Support.No);
    }

    private static bool IsJson(string text)
    {
        try
        {
            using var _ = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Differs between the turns of a conversation, which only grows, and is the same when a turn is repeated.</summary>
    private static string Turn(IReadOnlyList<ChatMessage> messages) => messages.Count.ToString(CultureInfo.InvariantCulture);
}
