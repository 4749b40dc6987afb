using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Resilience;

/// <summary>Lets a bounded number of requests be in flight at an endpoint; a stream holds its place until it is read or given up.</summary>
/// <param name="slots">Shared by every client of the endpoint; not owned.</param>
internal sealed class ConcurrencyLimitedChatClient(IChatClient inner, SemaphoreSlim slots) : DelegatingChatClient(inner)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        await slots.WaitAsync(cancellationToken);
        try
        {
            return await base.GetResponseAsync(messages, options, cancellationToken);
        }
        finally
        {
            slots.Release();
        }
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await slots.WaitAsync(cancellationToken);
        try
        {
            await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken))
                yield return update;
        }
        finally
        {
            slots.Release();
        }
    }
}
