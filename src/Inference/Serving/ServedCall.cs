using AgentMesh.Agents.Models;
using AgentMesh.Inference.Budget;
using AgentMesh.Inference.Remote;
using AgentMesh.Inference.Resilience;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Serving;

/// <summary>One request on its way through a device: its limits, its slot, its figures. One thread at a time; ended exactly once, by <see cref="Dispose"/>.</summary>
internal sealed class ServedCall : IDisposable
{
    private readonly ModelServerOptions _options;
    private readonly InferenceRequest _request;
    private readonly CancellationToken _caller;
    private readonly CancellationToken _cut;
    private readonly TimeProvider _time;
    private readonly Action<ServedRequest, long> _ended;
    private readonly CancellationTokenSource _stop;
    private readonly TimeLimit _limit;
    private readonly long _arrived;
    private SlotScheduler.Seat? _seat;
    private CancellationTokenRegistration _freeing;
    private ServedOutcome _outcome = ServedOutcome.Cancelled;
    private InferenceErrorKind? _error;
    private TimeSpan? _waited;
    private TimeSpan? _firstToken;
    private TokenCount? _used;
    private UsageDetails? _usage;
    private long _input;
    private long _estimate;
    private long _counted;

    public ServedCall(
        ModelServerOptions options, InferenceRequest request, TimeProvider time, Action<ServedRequest, long> ended, CancellationToken cut, CancellationToken caller)
    {
        (_options, _request, _time, _ended, _cut, _caller) = (options, request, time, ended, cut, caller);
        _arrived = time.GetTimestamp();
        _stop = CancellationTokenSource.CreateLinkedTokenSource(caller, cut);
        _limit = new TimeLimit(Within(request), time, _stop.Token);
    }

    /// <summary>Cancelled when the caller gives up, the deadline passes, or the device cuts what still runs.</summary>
    public CancellationToken Token => _limit.Token;

    public IReadOnlyList<ChatMessage> Messages { get; private set; } = [];

    public ChatOptions ChatOptions { get; private set; } = new();

    /// <summary>Reads the request and waits for a slot.</summary>
    /// <returns>Why there is none; null when the call may start.</returns>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task<InferenceError?> Open(SlotScheduler slots)
    {
        try
        {
            if (_request.Model != _options.Model)
                return Refused(new(InferenceErrorKind.OtherModel, $"{_options.Device} serves {_options.Model}, not {_request.Model}; send the request to a device that does.", true));
            Messages = _request.Messages();
            ChatOptions = _request.ChatOptions();
            _input = TokenEstimate.Of(Messages, ChatOptions);
            var cost = _input + (ChatOptions.MaxOutputTokens ?? _options.MaxOutputTokens);
            (_seat, var refused) = await slots.Enter(_request.Tenant, _request.Priority, cost, Token);
            if (refused is not null) return Refused(refused);
            _waited = _time.GetElapsedTime(_arrived);
            // A stream that nobody reads does not notice that it was cancelled; its slot must not wait for that.
            _freeing = Token.UnsafeRegister(static call => ((ServedCall)call!).GiveSeat(), this);
            return null;
        }
        catch (Exception e) when (Error(e) is { } error)
        {
            return Refused(error);
        }
    }

    public TimeSpan Waited => _waited ?? TimeSpan.Zero;

    /// <returns>True for a part with something in it, which is one token or a few.</returns>
    public bool Took(ChatResponseUpdate update)
    {
        foreach (var content in update.Contents)
            if (content is UsageContent usage) _usage = usage.Details;
        var tokens = TokenEstimate.Of(update.Contents);
        if (tokens == 0) return false;
        _firstToken ??= _time.GetElapsedTime(_arrived);
        _estimate += tokens;
        _counted++;
        return true;
    }

    public void Answered(UsageDetails? usage, Func<long> estimate)
    {
        _outcome = ServedOutcome.Answered;
        _used = TokenEstimate.Used(usage, _input, estimate);
    }

    public void Answered() => Answered(_usage, () => _estimate);

    /// <returns>The error for the caller; null where the caller gave up, and the exception should go its way.</returns>
    public InferenceError? Failed(Exception exception)
    {
        if (Error(exception) is not { } error) return null;
        (_outcome, _error) = (ServedOutcome.Failed, error.Kind);
        if (!error.TokensMayBeSpent) _used = default(TokenCount);
        return error;
    }

    public void Dispose()
    {
        // Nobody knows what a call that ended early cost: a stream's parts are counted, else the tenant stays charged with the estimate.
        if (_used is null && _counted > 0) _used = new TokenCount(_input, _estimate, Estimated: true);
        GiveSeat();
        var took = _time.GetElapsedTime(_arrived);
        var (input, output) = _used is { } used ? (used.Input, used.Output) : (_seat is null ? 0 : _input, 0);
        _ended(new ServedRequest(
            _options.Device, _options.Model, _request.Tenant, _request.Priority, _outcome, _error, _waited ?? took, took, _firstToken, input, output), _counted);
        _freeing.Dispose();
        _limit.Dispose();
        _stop.Dispose();
    }

    private void GiveSeat() => _seat?.Give(_used?.Total ?? (_counted > 0 ? _input + _estimate : null));

    private InferenceError Refused(InferenceError error)
    {
        (_outcome, _error) = (ServedOutcome.Refused, error.Kind);
        return error;
    }

    private InferenceError? Error(Exception exception)
    {
        if (_caller.IsCancellationRequested) return null;
        var started = _seat is not null;
        if (_cut.IsCancellationRequested)
            return new(InferenceErrorKind.Draining, $"{_options.Device} stopped before the answer was complete; send the request to another device.", true) { TokensMayBeSpent = started };
        if (_limit.Ended)
            return new(InferenceErrorKind.TimedOut,
                started ? $"The deadline passed while {_options.Model} answered; ask for less, or give it more time."
                    : $"The deadline passed while the request waited for {_options.Model} on {_options.Device}; give it more time, or add devices.", false)
            { TokensMayBeSpent = started };
        return exception switch
        {
            ModelException known => InferenceError.From(known),
            // The request could be read, but not all of it makes sense: a data URI that is none, an empty role.
            _ when !started => new(InferenceErrorKind.Rejected, $"The request cannot be understood ({exception.GetType().Name}); correct it.", false),
            // An engine must throw ModelException only; another exception may hold anything, a prompt too.
            _ => new(InferenceErrorKind.Unavailable, $"The engine of {_options.Model} on {_options.Device} failed ({exception.GetType().Name}); see its log.", true) { TokensMayBeSpent = true },
        };
    }

    /// <summary>Not positive: over already. Longer than a timer can run: no limit.</summary>
    private static TimeSpan Within(InferenceRequest request) => request.Within switch
    {
        null => Timeout.InfiniteTimeSpan,
        { } within when within <= TimeSpan.Zero => TimeSpan.Zero,
        { } within when within.TotalMilliseconds >= int.MaxValue => Timeout.InfiniteTimeSpan,
        { } within => within,
    };
}
