namespace AgentMesh.EngineConformance;

/// <summary>Time that moves when it is told to, and fires what comes due, each at its own moment.</summary>
/// <param name="atOnce">What is due at once fires at once, as on a real clock, rather than when the clock moves next.</param>
public sealed class ManualTime(bool atOnce = false) : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<ManualTimer> timers = [];
    private DateTimeOffset now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => now;

    private bool FiresAtOnce => atOnce;

    public int Armed
    {
        get
        {
            lock (gate) return timers.Count(t => t.Due is not null);
        }
    }

    public void Advance(TimeSpan by)
    {
        var until = now + by;
        while (true)
        {
            ManualTimer? next;
            lock (gate)
            {
                next = timers.Where(t => t.Due <= until).MinBy(t => t.Due);
                if (next is null) break;
                now = next.Due!.Value > now ? next.Due.Value : now;
                next.Due = null;
            }

            next.Fire();
        }

        now = until;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        lock (gate) timers.Add(timer);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class ManualTimer(ManualTime time, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset? Due { get; set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime.TotalMilliseconds > uint.MaxValue - 1.0) throw new ArgumentOutOfRangeException(nameof(dueTime));
            var fires = time.FiresAtOnce && dueTime == TimeSpan.Zero;
            lock (time.gate) Due = fires || dueTime == Timeout.InfiniteTimeSpan ? null : time.now + dueTime;
            if (fires) ThreadPool.UnsafeQueueUserWorkItem(static timer => timer.Fire(), this, preferLocal: false);
            return true;
        }

        public void Dispose()
        {
            lock (time.gate) time.timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
