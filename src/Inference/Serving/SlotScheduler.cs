using AgentMesh.Inference.Remote;

namespace AgentMesh.Inference.Serving;

/// <summary>A fixed number of slots, a bounded fair queue in front of them, and an end to both. Thread-safe.</summary>
internal sealed class SlotScheduler(ModelServerOptions options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly FairQueue _queue = new(options.Weight);
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _numbers;
    private int _busy;
    private bool _draining;
    private double _meanSeconds;

    public (int Busy, int Queued, bool Draining) State
    {
        get { lock (_gate) return (_busy, _queue.Count, _draining); }
    }

    public (int Running, int Waiting) Of(string tenant)
    {
        lock (_gate) return (_queue.Running(tenant), _queue.Waiting(tenant));
    }

    /// <summary>Waits for a slot.</summary>
    /// <param name="cost">Upper estimate of the request's tokens.</param>
    /// <returns>A seat, or the reason why there is none.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled while the request waited; it holds nothing.</exception>
    public async Task<(Seat? Seat, InferenceError? Refused)> Enter(string tenant, InferencePriority priority, long cost, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        SlotRequest request;
        lock (_gate)
        {
            if (_draining) return (null, Draining());
            var order = time.GetUtcNow().UtcTicks - (long)priority * options.HeadStart.Ticks;
            request = new SlotRequest(tenant, order, ++_numbers, Math.Max(1, cost));
            if (_busy >= options.Slots && _queue.Count >= options.QueueLimit)
            {
                if (_queue.PushOut(tenant) is not SlotRequest pushed) return (null, Full());
                pushed.Decision.SetResult(Full());
            }

            _queue.Add(request);
            Fill();
        }

        await using var leaving = ct.UnsafeRegister(_ => Leave(request, ct), null);
        var refused = await request.Decision.Task;
        return refused is null ? (new Seat(this, request, time.GetTimestamp()), null) : (null, refused);
    }

    /// <summary>Takes nothing new and hands back what waits.</summary>
    /// <returns>How many were handed back, and the end of the last one that runs.</returns>
    public (int HandedBack, Task Empty) Drain()
    {
        lock (_gate)
        {
            _draining = true;
            var waiting = _queue.TakeAll();
            foreach (var request in waiting.Cast<SlotRequest>()) request.Decision.SetResult(Draining());
            if (_busy == 0) _empty.TrySetResult();
            return (waiting.Count, _empty.Task);
        }
    }

    private void Leave(SlotRequest request, CancellationToken ct)
    {
        lock (_gate)
            if (_queue.Remove(request)) request.Decision.SetCanceled(ct);
    }

    private void Fill()
    {
        while (_busy < options.Slots && _queue.Next() is SlotRequest next)
        {
            _busy++;
            next.Decision.SetResult(null);
        }
    }

    private void Release(SlotRequest request, long used, double seconds)
    {
        lock (_gate)
        {
            _busy--;
            _meanSeconds = _meanSeconds == 0 ? seconds : 0.9 * _meanSeconds + 0.1 * seconds;
            _queue.Ended(request, used);
            Fill();
            if (_draining && _busy == 0) _empty.TrySetResult();
        }
    }

    private InferenceError Draining() =>
        new(InferenceErrorKind.Draining, $"refused: draining; {options.Device} takes nothing new, send the request to another device.", true);

    private InferenceError Full() =>
        new(InferenceErrorKind.QueueFull, $"refused: queue full; {options.QueueLimit} requests wait for {options.Model} on {options.Device}, try again later or elsewhere.", true)
        {
            RetryAfter = TimeSpan.FromSeconds(Math.Clamp(_meanSeconds * _queue.Count / options.Slots, 0.5, 30)),
        };

    /// <summary>Waits for the decision: null for a seat, else why there is none.</summary>
    internal sealed class SlotRequest(string tenant, long order, long number, long cost) : QueuedRequest(tenant, order, number, cost)
    {
        public TaskCompletionSource<InferenceError?> Decision { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>A place in the batch. Whoever got it gives it back once; further times do nothing.</summary>
    internal sealed class Seat(SlotScheduler scheduler, SlotRequest request, long since)
    {
        private int _given;

        /// <param name="used">Tokens that the request took; null where nobody knows, then the estimate stands.</param>
        public void Give(long? used)
        {
            if (Interlocked.Exchange(ref _given, 1) != 0) return;
            scheduler.Release(request, used ?? request.Cost, scheduler.Elapsed(since));
        }
    }

    private double Elapsed(long since) => time.GetElapsedTime(since).TotalSeconds;
}
