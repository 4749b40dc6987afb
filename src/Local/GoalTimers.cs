using System.Collections.Concurrent;
using AgentMesh.Contracts;

namespace AgentMesh.Local;

/// <summary>The timers of all goals of this process. They hold no state: a lost one is asked for again when its goal is loaded.</summary>
internal sealed class GoalTimers(TimeProvider time, Action<GoalId, string> fire) : IDisposable
{
    private readonly ConcurrentDictionary<(GoalId Goal, string Timer), ITimer> timers = new();
    private volatile bool disposed;

    public void Start(GoalId goal, string timer, DateTimeOffset dueAt)
    {
        var key = (goal, timer);
        if (disposed || timers.ContainsKey(key)) return;
        // Made unarmed first: one that is due at once must find itself in the table.
        var made = time.CreateTimer(Fire, key, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (!timers.TryAdd(key, made))
        {
            made.Dispose();
            return;
        }

        var wait = dueAt - time.GetUtcNow();
        made.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait < Longest ? wait : Longest, Timeout.InfiniteTimeSpan);
    }

    public void StopAll(GoalId goal)
    {
        foreach (var key in timers.Keys)
            if (key.Goal == goal && timers.TryRemove(key, out var timer)) timer.Dispose();
    }

    public void Dispose()
    {
        disposed = true;
        foreach (var key in timers.Keys)
            if (timers.TryRemove(key, out var timer)) timer.Dispose();
    }

    // A timer of the platform cannot wait longer; firing early is refused by the machine only for timers it still waits for, so re-arm by reload.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(49);

    private void Fire(object? state)
    {
        var (goal, timer) = ((GoalId, string))state!;
        if (timers.TryRemove((goal, timer), out var made)) made.Dispose();
        if (!disposed) fire(goal, timer);
    }
}
