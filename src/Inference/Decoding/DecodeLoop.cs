namespace AgentMesh.Inference.Decoding;

/// <summary>One model's decode loop on a thread of its own. Safe for use in parallel.</summary>
public sealed class DecodeLoop : IDisposable
{
    private readonly IDecoder _decoder;
    private readonly DecodeQueue _queue;
    private readonly DecodeEngine _engine;
    private readonly TimeProvider _time;
    private readonly IDecodeObserver? _observer;
    private readonly SemaphoreSlim _work = new(0);
    private readonly Thread _thread;
    private readonly int _cells;
    private volatile bool _stopping;

    /// <param name="decoder">Owned from now on.</param>
    /// <param name="isEnd">Whether a token ends a generation.</param>
    public DecodeLoop(IDecoder decoder, Func<int, bool> isEnd, DecodeOptions options, TimeProvider time, IDecodeObserver? observer = null)
    {
        (_decoder, _time, _observer, _cells) = (decoder, time, observer, decoder.SequenceCells);
        _queue = new DecodeQueue(options, time);
        _engine = new DecodeEngine(decoder, _queue, isEnd, options, time, observer);
        _thread = new Thread(Run) { IsBackground = true, Name = "decode loop" };
        _thread.Start();
    }

    public DecodeStats Stats => _engine.Stats;

    /// <param name="ct">Ends the generation as <see cref="GenerationEnd.Cancelled"/>.</param>
    /// <exception cref="QueueFullException"/>
    /// <exception cref="PromptTooLongException"/>
    /// <exception cref="ObjectDisposedException"/>
    public Generation Start(GenerationRequest request, CancellationToken ct)
    {
        if (request.Prompt.Count == 0 || request.MaxTokens < 1) throw new ArgumentException("A generation needs a token of prompt, and one to make.", nameof(request));
        if (request.Prompt.Count + (long)request.MaxTokens > _cells) throw new PromptTooLongException(request.Prompt.Count, request.MaxTokens, _cells);
        var generation = new Generation(request);
        var (waiting, pushed) = _queue.Add(generation);
        generation.Watch(() => Leave(waiting));
        if (pushed is not null) Refuse(pushed, GenerationEnd.Failed, "Other tenants' requests needed its place in the full queue; try again later.");
        _work.Release();
        if (ct.CanBeCanceled)
        {
            var registration = ct.UnsafeRegister(_ => generation.Cancel(), null);
            _ = generation.Outcome.ContinueWith(_ => registration.Dispose(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        return generation;
    }

    /// <summary>Ends the loop after the batch that is being computed, with all of its requests; then the decoder.</summary>
    public void Dispose()
    {
        _stopping = true;
        _work.Release();
        _thread.Join();
    }

    private void Run()
    {
        var reason = "The model was closed.";
        try
        {
            while (!_stopping)
                if (!_engine.Step()) _work.Wait();
        }
        catch (Exception e)
        {
            // The decoder and its pool can no longer be trusted; whoever waits must hear of it.
            reason = $"The model's decode loop failed ({e.GetType().Name}: {e.Message}); load it again.";
        }

        foreach (var waiting in _queue.Close()) Refuse(waiting, GenerationEnd.Failed, reason);
        _engine.Stop(reason);
        _decoder.Dispose();
    }

    /// <summary>Its caller gave up: one in the batch leaves before the next one, one that waits now.</summary>
    private void Leave(WaitingRequest waiting)
    {
        if (_queue.Remove(waiting)) Refuse(waiting, GenerationEnd.Cancelled, null);
    }

    private void Refuse(WaitingRequest waiting, GenerationEnd end, string? reason)
    {
        var took = _time.GetElapsedTime(waiting.Arrived);
        var request = waiting.Generation.Request;
        var outcome = waiting.Before is { } before
            ? new GenerationOutcome(end, before.PromptLength, before.Reused, before.Generated, before.Forced, before.Calls, before.Waited, before.FirstToken, took, reason)
            : new GenerationOutcome(end, request.Prompt.Count, 0, 0, 0, 0, took, null, took, reason);
        waiting.Generation.End(outcome);
        _observer?.Ended(request, outcome);
    }
}
