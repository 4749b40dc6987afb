using System.Collections.Concurrent;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;
using AgentMesh.Runtime;
using AgentMesh.Runtime.Activity;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Local;

/// <summary>The single-process engine: a mailbox per moving goal, timers, fair background work, and a feed of what was appended.</summary>
public sealed partial class LocalEngine : IGoalHost, IGoalDoor, IAsyncDisposable
{
    private readonly LocalOptions options;
    private readonly IJournal journal;
    private readonly Func<IGoalHost, GoalWork> newWork;
    private readonly TimeProvider time;
    private readonly ILogger<LocalEngine> log;
    private readonly string writer;
    private readonly GrainMeter? meter;
    private readonly ConcurrentDictionary<GoalId, GoalMailbox> mailboxes = new();
    private readonly FairScheduler scheduler;
    private readonly GoalTimers timers;
    private readonly GoalFeed feed = new();
    private readonly GoalRoom room;
    private readonly CancellationTokenSource stopping = new();

    /// <param name="writer">Names this life of the process in the journal.</param>
    /// <param name="activity">Told what goals are asked for, as those of a type <c>orchestrator</c>; null where nobody looks.</param>
    public LocalEngine(
        LocalOptions options, IJournal journal, Func<IGoalHost, GoalWork> newWork, string writer, TimeProvider time, ILogger<LocalEngine> log, ActivityRecorder? activity = null)
    {
        (this.options, this.journal, this.newWork, this.writer, this.time, this.log) = (options, journal, newWork, writer, time, log);
        meter = activity?.Grain("orchestrator");
        scheduler = new FairScheduler(options.MaxRunning);
        timers = new GoalTimers(time, (goal, timer) => Forget(Post(goal, [new TimerFired(timer)]), goal));
        room = new GoalRoom(options.MaxActiveGoals, options.SubmitPatience, time);
    }

    /// <summary>Goals that move here.</summary>
    public int Goals => mailboxes.Count;

    /// <summary>Takes up every goal that has not ended, oldest first.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> Recover(CancellationToken ct)
    {
        var goals = await journal.Unfinished(ct);
        foreach (var goal in goals)
        {
            ct.ThrowIfCancellationRequested();
            Wake(goal);
        }

        return goals.Count;
    }

    /// <summary>Brings a new goal into being. Waits for room; see <see cref="LocalOptions.MaxActiveGoals"/>.</summary>
    /// <param name="isNew">True when the id was made for this call, so that no journal can exist.</param>
    /// <exception cref="MeshException">Code <c>overloaded</c>: no room in time.</exception>
    public async Task<string?> Submit(GoalId goal, GoalSpec spec, bool isNew, CancellationToken ct)
    {
        await room.Enter(goal, ct);
        return (await Deliver(goal, new([new GoalSubmitted(goal, spec)]), isNew)).Refusal;
    }

    public async Task<string?> Post(GoalId goal, IReadOnlyList<GoalEvent> events) => (await Deliver(goal, new(events), isNew: false)).Refusal;

    public Task End(GoalId goal, IReadOnlyList<GoalEvent> events, long seen) => Deliver(goal, new(events, seen), isNew: false);

    public GoalFeed.Subscription Follow(GoalId goal) => feed.Follow(goal);

    /// <summary>The goal as its mailbox knows it, or as the journal tells it; null when there is none.</summary>
    public async Task<GoalState?> Look(GoalId goal) => (await Deliver(goal, new([]), isNew: false)).State;

    public void StartTimer(GoalId goal, string timer, DateTimeOffset dueAt) => timers.Start(goal, timer, dueAt);

    public void Run(string tenant, Func<CancellationToken, Task> work) => scheduler.Run(tenant, async () =>
    {
        try
        {
            await work(stopping.Token);
        }
        catch (Exception e)
        {
            // Work reports its failures as events; what arrives here is a defect, and must not take the scheduler's slot with it.
            if (!stopping.IsCancellationRequested) LogBroken(log, e);
        }
    });

    public void Retire(GoalId goal) => timers.StopAll(goal);

    /// <summary>Stops all work. Goals go on from their journals at the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        timers.Dispose();
        foreach (var mailbox in mailboxes.Values) mailbox.Close();
        mailboxes.Clear();
    }

    private void Wake(GoalId goal) => Forget(Deliver(goal, new([]), isNew: false), goal);

    private Task<Taken> Deliver(GoalId goal, Delivery delivery, bool isNew) =>
        meter is null ? Bring(goal, delivery, isNew) : Metered(meter, goal, delivery, isNew);

    private async Task<Taken> Metered(GrainMeter meter, GoalId goal, Delivery delivery, bool isNew)
    {
        var begun = meter.Begin();
        var failed = true;
        try
        {
            var taken = await Bring(goal, delivery, isNew);
            failed = false;
            return taken;
        }
        finally
        {
            meter.End(begun, failed);
        }
    }

    private Task<Taken> Bring(GoalId goal, Delivery delivery, bool isNew)
    {
        while (true)
        {
            ObjectDisposedException.ThrowIf(stopping.IsCancellationRequested, this);
            var mailbox = mailboxes.GetOrAdd(goal, static (id, x) => x.engine.Open(id, x.isNew), (engine: this, isNew));
            if (mailbox.TryPost(delivery, out var taken)) return taken;
            mailboxes.TryRemove(new(goal, mailbox));
        }
    }

    private GoalMailbox Open(GoalId goal, bool isNew) => new(
        goal,
        () =>
        {
            var work = newWork(this);
            return (new GoalDriver(goal, journal, work, time, writer, (entries, state) => feed.Publish(goal, new GoalNews(entries, state))), work);
        },
        isNew, Closed);

    // A mailbox that closed because its journal failed is opened again after a while: a goal never stands still for want of an event.
    private async Task Closed(GoalMailbox mailbox, bool failed)
    {
        mailboxes.TryRemove(new(mailbox.Goal, mailbox));
        room.Leave(mailbox.Goal);
        if (!failed) return;
        try
        {
            await Task.Delay(options.ReloadDelay, time, stopping.Token);
            Wake(mailbox.Goal);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The engine stops; the next start recovers the goal.
        }
    }

    private async void Forget(Task post, GoalId goal)
    {
        try
        {
            await post;
        }
        catch (Exception e)
        {
            if (!stopping.IsCancellationRequested) LogPost(log, goal, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Goal {Goal}: an event could not be made durable, the goal is loaded anew: {Reason}")]
    private static partial void LogPost(ILogger log, GoalId goal, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Background work broke")]
    private static partial void LogBroken(ILogger log, Exception e);
}
