namespace AgentMesh.Samples.TicketService.Tests;

/// <summary>A clock that stands still. One-shot timers wait until the test fires them.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly TaskCompletionSource _timerStarted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Action? _fire;

    /// <summary>Completes when somebody has begun to wait on this clock.</summary>
    public Task TimerStarted => _timerStarted.Task;

    public override DateTimeOffset GetUtcNow() => new(2026, 3, 2, 9, 30, 0, TimeSpan.Zero);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _fire += () => callback(state);
        _timerStarted.TrySetResult();
        return new Handle();
    }

    public void Fire() => Interlocked.Exchange(ref _fire, null)?.Invoke();

    private sealed class Handle : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
