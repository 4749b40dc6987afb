using System.Runtime.CompilerServices;
using AgentMesh.Agents.Models;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Inference.Resilience;

/// <summary>Repeats failures that may pass. A stream is repeated only until its first part was handed on: after that the caller has seen half an answer.</summary>
internal sealed class RetryingChatClient(IChatClient inner, Backoff policy, TimeProvider time, ILogger log) : DelegatingChatClient(inner)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var sent = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var started = time.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await base.GetResponseAsync(sent, options, cancellationToken);
            }
            catch (ModelException e) when (policy.Delay(attempt, e, time.GetElapsedTime(started)) is { } delay)
            {
                log.Retrying(attempt, e.Kind, delay.TotalSeconds);
                await Task.Delay(delay, time, cancellationToken);
            }
        }
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var sent = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var started = time.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            await using var updates = base.GetStreamingResponseAsync(sent, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
            try
            {
                if (!await updates.MoveNextAsync()) yield break;
            }
            catch (ModelException e) when (policy.Delay(attempt, e, time.GetElapsedTime(started)) is { } delay)
            {
                log.Retrying(attempt, e.Kind, delay.TotalSeconds);
                await Task.Delay(delay, time, cancellationToken);
                continue;
            }

            do yield return updates.Current;
            while (await updates.MoveNextAsync());
            yield break;
        }
    }
}
