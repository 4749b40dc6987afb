using AgentMesh.Agents.Models;
using AgentMesh.Inference.Remote;
using AgentMesh.Inference.Resilience;

namespace AgentMesh.Inference.Routing;

/// <summary>
/// One call's way from device to device. One <see cref="Stop"/> at a time, disposed of before the next: so the same request is never under way twice.
/// </summary>
internal sealed class Journey(
    InferenceRouter router, RoutedOptions options, InferenceRequest request, ulong? prefix, TimeProvider time, Func<double> jitter, CancellationToken caller) : IDisposable
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private readonly TimeLimit _limit = new(options.Total, time, caller);
    private readonly long _started = time.GetTimestamp();
    private readonly HashSet<string> _tried = new(StringComparer.Ordinal);
    private TimeSpan _waited;
    private TimeSpan? _asked;
    private InferenceError? _last;
    private int _rounds;
    private int _attempts;
    private bool _spent;

    /// <summary>The next device to try; waits where none takes the request now.</summary>
    /// <exception cref="ModelException">Patience, attempts or time are used up.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task<Stop> Next()
    {
        while (true)
        {
            caller.ThrowIfCancellationRequested();
            if (_limit.Ended) throw Thrown(OutOfTime());
            if (_attempts >= options.Attempts && _last is not null) throw Thrown(_last);
            var changed = router.Changed;
            if (router.Route(request.Model, prefix).FirstOrDefault(d => !_tried.Contains(d)) is { } device)
            {
                _tried.Add(device);
                return new Stop(device, request with { Within = options.Total - time.GetElapsedTime(_started) }, router.Send(device), _limit.Token);
            }

            if (_waited >= options.Patience) throw Thrown(_last ?? NoDevice());
            await Wait(changed);
            _tried.Clear();
        }
    }

    /// <summary>What an exception of the way to a device means; null where the caller gave up.</summary>
    public InferenceError? Error(Exception exception, string device) =>
        caller.IsCancellationRequested ? null
        : _limit.Ended ? OutOfTime() with { TokensMayBeSpent = true }
        : exception is ModelException known ? InferenceError.From(known)
        : Gone(device);

    public static InferenceError Gone(string device) =>
        new(InferenceErrorKind.DeviceGone, $"The device {device} went away during the call; try again.", true) { TokensMayBeSpent = true };

    /// <summary>A device did not answer. Returns where another one may.</summary>
    /// <exception cref="ModelException">The error is the request's own.</exception>
    public void Failed(string device, InferenceError error)
    {
        _last = error;
        _spent |= error.TokensMayBeSpent;
        switch (error.Kind)
        {
            case InferenceErrorKind.Draining:
                router.Drains(device);
                if (error.TokensMayBeSpent) _attempts++;
                break;
            case InferenceErrorKind.QueueFull:
                if (error.RetryAfter is { } asked && (_asked is null || asked < _asked)) _asked = asked;
                break;
            case InferenceErrorKind.OtherModel:
                break;
            default:
                if (!error.Retryable) throw Thrown(error);
                _attempts++;
                router.Failed(device);
                break;
        }
    }

    /// <summary>The error as its caller sees it: with what earlier attempts may have cost.</summary>
    public ModelException Thrown(InferenceError error) => (error with { TokensMayBeSpent = error.TokensMayBeSpent || _spent }).ToException();

    public void Dispose() => _limit.Dispose();

    private async Task Wait(Task changed)
    {
        var delay = _asked ?? First * Math.Pow(2, Math.Min(_rounds, 10));
        (_asked, _rounds) = (null, _rounds + 1);
        delay = TimeSpan.FromTicks(Math.Min(delay.Ticks, Longest.Ticks));
        // Spread, so that callers refused together do not return together; and never beyond what patience is left.
        delay *= 0.5 + 0.5 * jitter();
        if (delay > options.Patience - _waited) delay = options.Patience - _waited;
        var began = time.GetTimestamp();
        using var woken = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token);
        await Task.WhenAny(changed, Task.Delay(delay, time, woken.Token));
        await woken.CancelAsync();
        _waited += time.GetElapsedTime(began);
    }

    private InferenceError NoDevice() =>
        new(InferenceErrorKind.Unavailable, $"No device serves the model '{request.Model}' now; start one, or try again later.", true) { RetryAfter = Longest };

    private InferenceError OutOfTime() =>
        new(InferenceErrorKind.TimedOut, $"The inference pool gave no answer within {options.Total.TotalSeconds:0.###} s; add devices, or raise AGENTMESH_MODEL_TOTAL_TIMEOUT.", false);

    /// <summary>One attempt at one device.</summary>
    internal sealed class Stop(string device, InferenceRequest request, InferenceRouter.Sending sending, CancellationToken limit) : IDisposable
    {
        private readonly CancellationTokenSource _either = CancellationTokenSource.CreateLinkedTokenSource(limit, sending.Gone);

        public string Device => device;

        /// <summary>With the time that is left.</summary>
        public InferenceRequest Request => request;

        /// <summary>Cancelled when the call's time is over, its caller gives up, or the device is gone.</summary>
        public CancellationToken Token => _either.Token;

        public void Dispose()
        {
            _either.Dispose();
            sending.Dispose();
        }
    }
}
