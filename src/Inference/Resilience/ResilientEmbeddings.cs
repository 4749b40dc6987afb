using AgentMesh.Agents.Models;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Inference.Resilience;

/// <summary>
/// The chat chain's rules for embeddings, in its order: retries, a place in the queue, the circuit, one request's time.
/// Texts go out in batches, each retried by itself, so that a failure late in a large import repeats little.
/// </summary>
internal sealed class ResilientEmbeddings(
    IEmbeddingGenerator<string, Embedding<float>> inner, Backoff policy, SemaphoreSlim slots, CircuitBreaker breaker,
    TimeSpan limit, TimeProvider time, ILogger log) : DelegatingEmbeddingGenerator<string, Embedding<float>>(inner)
{
    private const int BatchSize = 32;

    public override async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var all = new GeneratedEmbeddings<Embedding<float>>();
        foreach (var batch in values.Chunk(BatchSize))
        {
            var answer = await Retried(batch, options, cancellationToken);
            all.AddRange(answer);
            if (answer.Usage is not { } usage) continue;
            all.Usage ??= new UsageDetails();
            all.Usage.Add(usage);
        }

        return all;
    }

    private async Task<GeneratedEmbeddings<Embedding<float>>> Retried(string[] batch, EmbeddingGenerationOptions? options, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await Once(batch, options, cancellationToken);
            }
            catch (ModelException e) when (policy.Delay(attempt, e, time.GetElapsedTime(started)) is { } delay)
            {
                log.Retrying(attempt, e.Kind, delay.TotalSeconds);
                await Task.Delay(delay, time, cancellationToken);
            }
        }
    }

    private async Task<GeneratedEmbeddings<Embedding<float>>> Once(string[] batch, EmbeddingGenerationOptions? options, CancellationToken cancellationToken)
    {
        await slots.WaitAsync(cancellationToken);
        try
        {
            var pass = breaker.Enter();
            var outcome = CircuitBreaker.Outcome.Undecided;
            using var running = new TimeLimit(limit, time, cancellationToken);
            try
            {
                var answer = await base.GenerateAsync(batch, options, running.Token);
                outcome = CircuitBreaker.Outcome.Success;
                return answer;
            }
            catch (OperationCanceledException) when (running.Ended)
            {
                outcome = CircuitBreaker.Outcome.Failure;
                throw TimeLimit.Error(limit, "AGENTMESH_MODEL_TIMEOUT");
            }
            catch (ModelException e)
            {
                outcome = CircuitBreaker.Judge(e);
                throw;
            }
            finally
            {
                breaker.End(pass, outcome);
            }
        }
        finally
        {
            slots.Release();
        }
    }
}
