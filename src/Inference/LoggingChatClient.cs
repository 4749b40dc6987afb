using System.Runtime.CompilerServices;
using AgentMesh.Agents.Models;
using AgentMesh.Inference.Redaction;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Inference;

/// <summary>One line per call, as its caller experienced it: retries and waits included. Contents only where asked for, and redacted.</summary>
internal sealed class LoggingChatClient(
    IChatClient inner, string model, Redactor redactor, bool content, TimeProvider time, ILogger log) : DelegatingChatClient(inner)
{
    private const int Longest = 2000;

    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var started = time.GetTimestamp();
        var sent = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        Prompt(sent, options);
        try
        {
            var response = await base.GetResponseAsync(sent, options, cancellationToken);
            Answered(started, response.Usage, response.FinishReason);
            Answer(response.Text);
            return response;
        }
        catch (Exception e) when (Note(e, started))
        {
            throw;
        }
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var started = time.GetTimestamp();
        var sent = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        Prompt(sent, options);
        UsageDetails? usage = null;
        ChatFinishReason? finish = null;
        var texts = LogsContent ? new List<string>() : null;
        await using var updates = base.GetStreamingResponseAsync(sent, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await updates.MoveNextAsync()) break;
            }
            catch (Exception e) when (Note(e, started))
            {
                throw;
            }

            finish = updates.Current.FinishReason ?? finish;
            foreach (var part in updates.Current.Contents)
                if (part is UsageContent reported) usage = reported.Details;
            texts?.Add(updates.Current.Text);
            yield return updates.Current;
        }

        Answered(started, usage, finish);
        if (texts is not null) Answer(string.Concat(texts));
    }

    private bool LogsContent => content && log.IsEnabled(LogLevel.Debug);

    private double Since(long started) => time.GetElapsedTime(started).TotalSeconds;

    private void Answered(long started, UsageDetails? usage, ChatFinishReason? finish) =>
        log.Answered(model, Since(started), usage?.InputTokenCount, usage?.OutputTokenCount, finish?.Value);

    /// <returns>Always false: the exception passes by, it is not caught.</returns>
    private bool Note(Exception error, long started)
    {
        if (error is ModelException known) log.Failed(model, Since(started), known.Kind, known.Message);
        else if (error is OperationCanceledException) log.GivenUp(model, Since(started));
        return false;
    }

    private void Prompt(IReadOnlyList<ChatMessage> messages, ChatOptions? options)
    {
        if (!LogsContent) return;
        if (options?.Instructions is { } instructions) log.Content(model, "instructions", Shown(instructions));
        foreach (var message in messages) log.Content(model, message.Role.Value, Shown(message.Text));
    }

    private void Answer(string text)
    {
        if (LogsContent) log.Content(model, "answer", Shown(text));
    }

    /// <summary>Redacted before it is cut: half a secret matches no pattern.</summary>
    private string Shown(string text)
    {
        var redacted = redactor.ForLog(text);
        return redacted.Length > Longest ? redacted[..Longest] + "…" : redacted;
    }
}
