using AgentMesh.Contracts;
using AgentMesh.EngineConformance;

namespace AgentMesh.Runtime.Tests;

public sealed class FairSchedulerTests
{
    [Fact]
    public async Task When_full_tenants_take_turns_whoever_queued_most()
    {
        var scheduler = new FairScheduler(1);
        var order = new List<string>();
        var hold = new TaskCompletionSource();
        var all = new CountdownEvent(33);
        scheduler.Run("first", () => hold.Task);
        for (var i = 0; i < 30; i++) Add("greedy");
        for (var i = 0; i < 3; i++) Add("modest");
        hold.SetResult();
        Assert.True(await Task.Run(() => all.Wait(TimeSpan.FromSeconds(30)), TestContext.Current.CancellationToken));

        Assert.Equal(["greedy", "modest", "greedy", "modest", "greedy", "modest"], order.Take(6));
        Assert.Equal(33, order.Count);

        void Add(string tenant) => scheduler.Run(tenant, () =>
        {
            lock (order) order.Add(tenant);
            all.Signal();
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task Never_runs_more_than_its_limit_and_survives_work_that_breaks()
    {
        var scheduler = new FairScheduler(3);
        var (now, most) = (0, 0);
        var all = new CountdownEvent(200);
        for (var i = 0; i < 200; i++)
        {
            var number = i;
            scheduler.Run($"tenant-{i % 5}", async () =>
            {
                var running = Interlocked.Increment(ref now);
                int seen;
                while ((seen = Volatile.Read(ref most)) < running && Interlocked.CompareExchange(ref most, running, seen) != seen) { }
                await Task.Yield();
                Interlocked.Decrement(ref now);
                all.Signal();
                if (number % 4 == 0) throw new InvalidOperationException("broken work");
            });
        }

        Assert.True(await Task.Run(() => all.Wait(TimeSpan.FromSeconds(30)), TestContext.Current.CancellationToken));
        Assert.InRange(most, 1, 3);
    }
}

public sealed class GoalFeedTests
{
    private static readonly GoalId Goal = new("g");

    [Fact]
    public async Task A_follower_that_falls_behind_is_cut_off_after_what_it_has()
    {
        var feed = new GoalFeed();
        using var slow = feed.Follow(Goal);
        using var other = feed.Follow(new GoalId("another"));
        for (var i = 1; i <= 300; i++) feed.Publish(Goal, new GoalNews([new JournalEntry(i, default, new TimerFired("t"))], null!));

        var got = new List<long>();
        await foreach (var batch in slow.Entries.ReadAllAsync(TestContext.Current.CancellationToken)) got.Add(batch.Entries[0].Sequence);
        Assert.Equal(Enumerable.Range(1, 256).Select(i => (long)i), got);
        Assert.False(other.Entries.TryRead(out _));
        Assert.False(other.Entries.Completion.IsCompleted);
    }

    [Fact]
    public void One_who_stops_following_takes_nothing_from_the_others()
    {
        var feed = new GoalFeed();
        var one = feed.Follow(Goal);
        using var two = feed.Follow(Goal);
        one.Dispose();
        one.Dispose();
        feed.Publish(Goal, new GoalNews([new JournalEntry(1, default, new TimerFired("t"))], null!));
        Assert.False(one.Entries.TryRead(out _));
        Assert.True(two.Entries.TryRead(out _));
    }
}

public sealed class GoalTimersTests : IDisposable
{
    private static readonly GoalId Goal = new("g");
    private readonly ManualTime time = new();
    private readonly List<(string Timer, DateTimeOffset At)> fired = [];
    private readonly GoalTimers timers;

    public GoalTimersTests() => timers = new GoalTimers(time, (_, timer) => fired.Add((timer, time.GetUtcNow())));

    public void Dispose() => timers.Dispose();

    [Fact]
    public void Fires_once_when_due_and_not_before()
    {
        var due = time.GetUtcNow() + TimeSpan.FromTicks(15_000_001);
        timers.Start(Goal, "t", due);
        timers.Start(Goal, "t", due + TimeSpan.FromDays(1));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(fired);
        time.Advance(TimeSpan.FromDays(3));
        var one = Assert.Single(fired);
        Assert.True(one.At >= due && one.At < due + TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public void Waits_longer_than_a_timer_of_the_platform_can()
    {
        var due = time.GetUtcNow() + TimeSpan.FromDays(365);
        timers.Start(Goal, "deadline", due);
        time.Advance(TimeSpan.FromDays(364));
        Assert.Empty(fired);
        time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(due, Assert.Single(fired).At);
    }

    [Fact]
    public void What_is_overdue_fires_at_once_and_what_is_stopped_never()
    {
        timers.Start(Goal, "late", time.GetUtcNow() - TimeSpan.FromHours(1));
        timers.Start(Goal, "stopped", time.GetUtcNow() + TimeSpan.FromHours(1));
        timers.Start(new GoalId("other"), "kept", time.GetUtcNow() + TimeSpan.FromHours(1));
        time.Advance(TimeSpan.Zero);
        timers.StopAll(Goal);
        time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(["late", "kept"], fired.Select(f => f.Timer));
        Assert.Equal(0, time.Armed);
    }

    [Fact]
    public void Nothing_fires_after_disposal()
    {
        timers.Start(Goal, "t", time.GetUtcNow() + TimeSpan.FromSeconds(1));
        timers.Dispose();
        timers.Start(Goal, "u", time.GetUtcNow());
        time.Advance(TimeSpan.FromDays(1));
        Assert.Empty(fired);
    }
}
