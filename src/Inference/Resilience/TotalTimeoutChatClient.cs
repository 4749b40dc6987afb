using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Resilience;

/// <summary>Limits a call from its beginning to its last part, with every retry and every wait in between.</summary>
internal sealed class TotalTimeoutChatClient(IChatClient inner, TimeSpan limit, TimeProvider time) : DelegatingChatClient(inner)
{
    private const string Variable = "AGENTMESH_MODEL_TOTAL_TIMEOUT";

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
            throw TimeLimit.Error(limit, Variable);
        }
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var running = new TimeLimit(limit, time, cancellationToken);
        await using var updates = base.GetStreamingResponseAsync(messages, options, running.Token).GetAsyncEnumerator(running.Token);
        while (true)
        {
            try
            {
                if (!await updates.MoveNextAsync()) yield break;
            }
            catch (OperationCanceledException) when (running.Ended)
            {
                throw TimeLimit.Error(limit, Variable);
            }

            yield return updates.Current;
        }
    }
}
