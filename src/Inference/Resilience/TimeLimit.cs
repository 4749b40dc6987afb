using AgentMesh.Agents.Models;

namespace AgentMesh.Inference.Resilience;

/// <summary>
/// A running limit: its token is cancelled when the caller gives up or the time is over, and <see cref="Ended"/> tells the two apart.
/// </summary>
internal sealed class TimeLimit : IDisposable
{
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _either;
    private readonly CancellationToken _caller;

    public TimeLimit(TimeSpan limit, TimeProvider time, CancellationToken caller)
    {
        _timer = new CancellationTokenSource(limit, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(caller, _timer.Token);
        _caller = caller;
    }

    public CancellationToken Token => _either.Token;

    /// <summary>True where time ran out rather than the caller.</summary>
    public bool Ended => _timer.IsCancellationRequested && !_caller.IsCancellationRequested;

    /// <summary>Starts the limit anew; <see cref="Timeout.InfiniteTimeSpan"/> stops it for now.</summary>
    public void Restart(TimeSpan limit) => _timer.CancelAfter(limit);

    public static ModelException Error(TimeSpan limit, string variable) =>
        new(ModelErrorKind.TimedOut, $"The model gave no answer within {limit.TotalSeconds:0.###} s; use a faster model, or raise {variable}.")
        { TokensMayBeSpent = true };

    public void Dispose()
    {
        _either.Dispose();
        _timer.Dispose();
    }
}
