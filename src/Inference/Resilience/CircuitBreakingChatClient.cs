using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Inference.Resilience;

/// <summary>Counts every attempt, streams to their last part: a stream that breaks off is a failure of the endpoint.</summary>
internal sealed class CircuitBreakingChatClient(IChatClient inner, CircuitBreaker breaker, ILogger log) : DelegatingChatClient(inner)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var pass = breaker.Enter();
        var outcome = CircuitBreaker.Outcome.Undecided;
        try
        {
            var response = await base.GetResponseAsync(messages, options, cancellationToken);
            outcome = CircuitBreaker.Outcome.Success;
            return response;
        }
        catch (Exception e)
        {
            outcome = CircuitBreaker.Judge(e);
            throw;
        }
        finally
        {
            End(pass, outcome);
        }
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var pass = breaker.Enter();
        var outcome = CircuitBreaker.Outcome.Undecided;
        try
        {
            await using var updates = base.GetStreamingResponseAsync(messages, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (true)
            {
                try
                {
                    if (!await updates.MoveNextAsync()) break;
                }
                catch (Exception e)
                {
                    outcome = CircuitBreaker.Judge(e);
                    throw;
                }

                yield return updates.Current;
            }

            outcome = CircuitBreaker.Outcome.Success;
        }
        finally
        {
            End(pass, outcome);
        }
    }

    private void End(CircuitBreaker.Pass pass, CircuitBreaker.Outcome outcome)
    {
        if (!breaker.End(pass, outcome)) return;
        if (outcome == CircuitBreaker.Outcome.Success) log.CircuitClosed();
        else log.CircuitOpened();
    }
}
