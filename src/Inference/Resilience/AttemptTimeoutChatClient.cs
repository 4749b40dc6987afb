using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Resilience;

/// <summary>
/// Limits one request. A stream has the whole limit for its first part and <paramref name="idle"/> for each further one;
/// time that the reader of the stream takes does not count.
/// </summary>
internal sealed class AttemptTimeoutChatClient(IChatClient inner, TimeSpan limit, TimeSpan idle, TimeProvider time) : DelegatingChatClient(inner)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var running = new TimeLimit(limit, time, cancellationToken);
        try
        {
            return await base.GetResponseAsync(messages, options, running.Token);
        }
        catch (OperationCanceledException) when (running.Ended)
        {
            throw TimeLimit.Error(limit, "AGENTMESH_MODEL_TIMEOUT");
        }
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var running = new TimeLimit(limit, time, cancellationToken);
        await using var updates = base.GetStreamingResponseAsync(messages, options, running.Token).GetAsyncEnumerator(running.Token);
        for (var first = true; ; first = false)
        {
            try
            {
                if (!first) running.Restart(idle);
                if (!await updates.MoveNextAsync()) yield break;
                running.Restart(Timeout.InfiniteTimeSpan);
            }
            catch (OperationCanceledException) when (running.Ended)
            {
                throw first ? TimeLimit.Error(limit, "AGENTMESH_MODEL_TIMEOUT") : TimeLimit.Error(idle, "AGENTMESH_MODEL_IDLE_TIMEOUT");
            }

            yield return updates.Current;
        }
    }
}
