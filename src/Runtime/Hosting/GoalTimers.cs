using System.Collections.Concurrent;
using AgentMesh.Contracts;

namespace AgentMesh.Runtime;

/// <summary>The timers of all goals of this process. They hold no state: a lost one is asked for again when its goal is loaded.</summary>
public sealed class GoalTimers(TimeProvider time, Action<GoalId, string> fire) : IDisposable
{
    private readonly ConcurrentDictionary<(GoalId Goal, string Timer), Armed> timers = new();
    private volatile bool disposed;

    public void Start(GoalId goal, string timer, DateTimeOffset dueAt)
    {
        var key = (goal, timer);
        if (disposed || timers.ContainsKey(key)) return;
        // Made unarmed first: one that is due at once must find itself in the table.
        var made = time.CreateTimer(Fire, key, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var armed = new Armed(made, dueAt);
        if (timers.TryAdd(key, armed)) Arm(armed);
        else made.Dispose();
    }

    public void StopAll(GoalId goal)
    {
        foreach (var key in timers.Keys)
            if (key.Goal == goal && timers.TryRemove(key, out var armed)) armed.Timer.Dispose();
    }

    public void Dispose()
    {
        disposed = true;
        foreach (var key in timers.Keys)
            if (timers.TryRemove(key, out var armed)) armed.Timer.Dispose();
    }

    // A timer of the platform cannot wait longer: what is due later is armed again when this has passed.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(49);

    private void Fire(object? state)
    {
        var (goal, timer) = ((GoalId, string))state!;
        if (disposed || !timers.TryGetValue((goal, timer), out var armed)) return;
        if (time.GetUtcNow() < armed.DueAt)
        {
            Arm(armed);
            return;
        }

        if (!timers.TryRemove(new((goal, timer), armed))) return;
        armed.Timer.Dispose();
        fire(goal, timer);
    }

    private void Arm(Armed armed)
    {
        var wait = armed.DueAt - time.GetUtcNow();
        // Whole milliseconds, rounded up: the platform drops fractions and would come early.
        armed.Timer.Change(
            wait <= TimeSpan.Zero ? TimeSpan.Zero : wait < Longest ? TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)) : Longest, Timeout.InfiniteTimeSpan);
    }

    private sealed record Armed(ITimer Timer, DateTimeOffset DueAt);
}
