namespace AgentMesh.Simulation;

/// <summary>Simulated time: it stands still until the next thing is due, and then jumps there. Things due together happen in the order they were asked for.</summary>
internal sealed class SimClock
{
    private readonly PriorityQueue<Due, (long At, long Order)> queue = new();
    private long order;

    public DateTimeOffset Now { get; private set; } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public Due After(TimeSpan delay, Action action)
    {
        var due = new Due(action);
        queue.Enqueue(due, (Now.UtcTicks + Math.Max(0, delay.Ticks), order++));
        return due;
    }

    /// <returns>False when nothing is left that could happen.</returns>
    public bool Step()
    {
        while (queue.TryDequeue(out var due, out var at))
        {
            if (due.Action is not { } action) continue;
            due.Action = null;
            Now = new DateTimeOffset(at.At, TimeSpan.Zero);
            action();
            return true;
        }

        return false;
    }

    public sealed class Due(Action action)
    {
        public Action? Action { get; set; } = action;

        public void Cancel() => Action = null;
    }
}

/// <summary>The clock as one life of a host sees it: when the host is dead, its timers are too.</summary>
internal sealed class LifeTime(SimClock clock, Func<bool> isAlive) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => clock.Now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => clock.Now.UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class SimTimer(LifeTime time, TimerCallback callback, object? state) : ITimer
    {
        private SimClock.Due? due;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            due?.Cancel();
            due = dueTime == Timeout.InfiniteTimeSpan ? null : time.Later(dueTime, () => callback(state));
            return true;
        }

        public void Dispose() => due?.Cancel();

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private SimClock.Due Later(TimeSpan delay, Action action) => clock.After(delay, () =>
    {
        if (isAlive()) action();
    });
}
