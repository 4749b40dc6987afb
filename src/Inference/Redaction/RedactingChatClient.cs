using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Redaction;

/// <summary>Keeps secrets and personal data from an endpoint: the request carries placeholders, the answer gets the values back.</summary>
public sealed class RedactingChatClient(IChatClient inner, Redactor redactor) : DelegatingChatClient(inner)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var placeholders = redactor.Begin();
        // Instructions come first in the conversation, so they are numbered first, and stay so as it grows.
        var hiddenOptions = Hide(placeholders, options);
        var response = await base.GetResponseAsync(placeholders.Hide(messages), hiddenOptions, cancellationToken);
        if (!placeholders.Any) return response;
        var write = MessageRedaction.Writer(options);
        foreach (var message in response.Messages)
            message.Contents = [.. message.Contents.Select(c => placeholders.Restore(c, write))];
        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var placeholders = redactor.Begin();
        var hiddenOptions = Hide(placeholders, options);
        var hidden = placeholders.Hide(messages);
        var restorer = new StreamRestorer(placeholders, MessageRedaction.Writer(options));
        ChatResponseUpdate? last = null;
        await foreach (var update in base.GetStreamingResponseAsync(hidden, hiddenOptions, cancellationToken))
        {
            last = update;
            var contents = new List<AIContent>(update.Contents.Count);
            foreach (var content in update.Contents)
            {
                if (content is not TextContent text) contents.Add(placeholders.Restore(content, null));
                else if (restorer.Next(text.Text) is { Length: > 0 } restored) contents.Add(new TextContent(restored));
            }

            if (update.FinishReason is not null && restorer.End() is { Length: > 0 } rest) contents.Insert(0, new TextContent(rest));
            if (contents.Count == 0 && update.Contents.Count > 0 && update.FinishReason is null) continue;
            update.Contents = contents;
            yield return update;
        }

        if (restorer.End() is { Length: > 0 } end)
            yield return new ChatResponseUpdate(ChatRole.Assistant, end) { ResponseId = last?.ResponseId, MessageId = last?.MessageId };
    }

    private static ChatOptions? Hide(Placeholders placeholders, ChatOptions? options)
    {
        if (options?.Instructions is not { } instructions) return options;
        options = options.Clone();
        options.Instructions = placeholders.Hide(instructions);
        return options;
    }
}
