using System.Collections.Concurrent;
using AgentMesh.Contracts;
using AgentMesh.GrainInterfaces;
using AgentMesh.Grains.Streams;
using AgentMesh.Grains.Upkeep;
using AgentMesh.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Streams;

namespace AgentMesh.Grains.Engine;

/// <summary>
/// The engine's part on one silo: mailboxes of the goals whose orchestrators are here, their timers, background work shared fairly, and the feed
/// of what was appended. Grains say which goals are here; everything for a goal that is not goes through its grain.
/// </summary>
internal sealed partial class GoalHosting : IGoalHost, IGoalDoor, IHostedService, IDisposable
{
    private const int MostWakes = 30;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly ClusterEngineOptions options;
    private readonly GrainsByKey<IGoalGrain> orchestratorGrains;
    private readonly IJournal journal;
    private readonly PlanRunner planner;
    private readonly ILogger<GoalHosting> log;
    private readonly ILogger<StreamedAttempts> attemptsLog;
    private readonly ILogger<GoalWork> workLog;
    private readonly TimeProvider time;
    private readonly string writer;
    private readonly ISiloEnd end;
    private readonly ConcurrentDictionary<GoalId, GoalMailbox> mailboxes = new();
    private readonly FairScheduler scheduler;
    private readonly GoalTimers timers;
    private readonly GoalFeed feed = new();
    private readonly GoalRoom room;
    private readonly CancellationTokenSource stopping = new();
    private readonly CancellationTokenSource ended = new();
    private readonly ConcurrentDictionary<GoalId, Action<bool>> orchestrators = new();
    private readonly ConcurrentDictionary<GoalId, bool> waking = new();
    private int isRetired;
    private long runs;
    private int running;

    public GoalHosting(
        ClusterEngineOptions options, IGrainFactory grains, IJournal journal, PlanRunner planner, TimeProvider time, ILocalSiloDetails silo,
        ISiloEnd end, ILoggerFactory loggers, BudgetInquiry inquiry, LocalConsumers consumers,
        [FromKeyedServices(PushStreamProvider.ProviderName)] IStreamProvider streams)
    {
        (Streams, Inquiry, Runs) = (streams, inquiry, new BudgetRuns(time));
        (this.options, this.journal, this.planner, this.time, this.end) = (options, journal, planner, time, end);
        orchestratorGrains = new GrainsByKey<IGoalGrain>(grains);
        (log, attemptsLog, workLog) = (loggers.CreateLogger<GoalHosting>(), loggers.CreateLogger<StreamedAttempts>(), loggers.CreateLogger<GoalWork>());
        consumers.Add<AttemptReport>(TryTake);
        writer = silo.SiloAddress.ToParsableString();
        scheduler = new FairScheduler(options.MaxRunning);
        timers = new GoalTimers(time, (goal, timer) => Forget(Post(goal, [new TimerFired(timer)]), goal));
        room = new GoalRoom(options.MaxActiveGoals, options.SubmitPatience, time);
    }

    /// <summary>What orders and reports travel over.</summary>
    public IStreamProvider Streams { get; }

    /// <summary>The budgets of goals that move here.</summary>
    public GoalAccounts Accounts { get; } = new();

    /// <summary>What runs here have of their goals' budgets, wherever these are.</summary>
    public BudgetRuns Runs { get; }

    /// <summary>Finds out what runs on all silos have of a goal's budget.</summary>
    public BudgetInquiry Inquiry { get; }

    /// <summary>Goals that move here.</summary>
    public int Goals => mailboxes.Count;

    /// <summary>Background work that runs or waits here.</summary>
    public int Busy => Volatile.Read(ref running);

    public bool IsFull => Busy >= options.MaxRunning;

    /// <summary>The silo is on its way out.</summary>
    public CancellationToken Stopping => stopping.Token;

    /// <summary>The silo is gone, or may do nothing more: nobody waits for what still runs.</summary>
    public CancellationToken Ended => ended.Token;

    /// <summary>Brings a new goal into being, here. For its orchestrator.</summary>
    /// <param name="isNew">The id was made for this call.</param>
    public async Task<string?> Submit(GoalId goal, GoalSpec spec, bool isNew, CancellationToken ct)
    {
        await room.Enter(goal, ct);
        return (await Deliver(goal, new([new GoalSubmitted(goal, spec)]), isNew)).Refusal;
    }

    /// <summary>Brings events to the goal's mailbox, here. For its orchestrator.</summary>
    /// <param name="resume">Also makes sure that the goal's attempts are under way.</param>
    public Task<Taken> Deliver(GoalId goal, Delivery delivery, bool isNew = false, bool resume = false)
    {
        while (true)
        {
            var mailbox = mailboxes.GetOrAdd(goal, static (id, x) => x.hosting.Open(id, x.isNew), (hosting: this, isNew));
            if (orchestrators.TryGetValue(goal, out var moves)) moves(true);
            if (mailbox.TryPost(delivery, out var taken, resume)) return taken;
            mailboxes.TryRemove(new(goal, mailbox));
        }
    }

    /// <summary>The goal's orchestrator is here from now on.</summary>
    /// <param name="moves">Told whether the goal moves: while it does, its orchestrator must stay.</param>
    public void Attach(GoalId goal, Action<bool> moves) => orchestrators[goal] = moves;

    /// <summary>The goal's orchestrator leaves this silo.</summary>
    /// <returns>Whether the goal moved.</returns>
    public bool Close(GoalId goal)
    {
        orchestrators.TryRemove(goal, out _);
        var moved = mailboxes.TryRemove(goal, out var mailbox);
        mailbox?.Close();
        timers.StopAll(goal);
        room.Leave(goal);
        return moved;
    }

    /// <summary>Has the goal taken up by its orchestrator, wherever that is next, and its attempts seen to, after the usual pause.</summary>
    public void WakeSoon(GoalId goal) => Wake(goal, options.ReloadDelay);

    /// <inheritdoc cref="WakeSoon"/>
    /// <param name="pause">Before the first try.</param>
    public async void Wake(GoalId goal, TimeSpan pause)
    {
        if (!waking.TryAdd(goal, true)) return;
        try
        {
            for (var tries = 0; tries < MostWakes; tries++)
            {
                await Task.Delay(pause, time, ended.Token);
                waking.TryRemove(goal, out _);
                try
                {
                    await orchestratorGrains[goal.Value].Wake();
                    return;
                }
                catch (Exception e)
                {
                    // The store or the other silo is away still. In the end the keepers come round to it.
                    if (!waking.TryAdd(goal, true)) return;
                    LogPost(log, goal, e.Message);
                    pause = pause < options.ReloadDelay ? options.ReloadDelay : pause < LongestPause ? pause * 2 : LongestPause;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The silo is gone.
        }

        waking.TryRemove(goal, out _);
    }

    /// <summary>Makes sure that the attempts of every goal here are under way: a silo that ran some of them is gone.</summary>
    public void ResumeAll()
    {
        foreach (var (goal, mailbox) in mailboxes)
            if (mailbox.TryPost(new([]), out var taken, resume: true)) Forget(taken, goal);
    }

    /// <summary>Brings events to a goal wherever it is.</summary>
    public async Task<string?> Post(GoalId goal, IReadOnlyList<GoalEvent> events)
    {
        if (mailboxes.TryGetValue(goal, out var mailbox) && mailbox.TryPost(new(events), out var taken)) return (await taken).Refusal;
        return await Ask(goal, orchestrator => orchestrator.Deliver(events));
    }

    /// <summary>Brings an attempt's end to a goal wherever it is, over the goal's stream.</summary>
    public Task End(GoalId goal, IReadOnlyList<GoalEvent> events, long seen) => LineTo(goal).End(events, seen);

    /// <summary>The way to a goal for an attempt that runs here.</summary>
    public IGoalLine LineTo(GoalId goal) => new StreamedLine(goal, this, time, log);

    /// <summary>Asks a goal's orchestrator wherever it is.</summary>
    /// <exception cref="JournalUnavailableException">It does not answer, or does not have the goal any more.</exception>
    public async Task<T> Ask<T>(GoalId goal, Func<IGoalGrain, Task<T>> question)
    {
        try
        {
            return await question(orchestratorGrains[goal.Value]);
        }
        catch (MeshException e) when (e.Code is "journal-unavailable" or "not-owner")
        {
            throw new JournalUnavailableException(e.Message, e);
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            throw new JournalUnavailableException($"The goal's orchestrator does not answer: {e.Message}", e);
        }
    }

    /// <summary>Where an attempt that runs here reserves its calls: at the goal's orchestrator, if the goal has a limit at all.</summary>
    public ICallBudget BudgetOf(Orchestration.GoalState state)
    {
        if (state.Spec.Constraints.Budget == Budget.Unlimited) return new GoalBudget(Budget.Unlimited, Usage.None);
        var budget = new AttemptBudget(this, state.Goal, $"{writer}/{Interlocked.Increment(ref runs)}", time);
        Runs.Enter(state.Goal, budget);
        return budget;
    }

    // A report to a goal that moves here is in its mailbox without a call.
    private bool TryTake(string goal, AttemptReport report, out Task taken)
    {
        taken = Task.CompletedTask;
        if (!mailboxes.TryGetValue(new(goal), out var mailbox) || !mailbox.TryPost(new(report.Events, report.Seen), out var judged)) return false;
        taken = judged;
        return true;
    }

    async Task<string?> IGoalDoor.Post(GoalId goal, IReadOnlyList<GoalEvent> events) => (await Deliver(goal, new(events))).Refusal;

    async Task<Orchestration.GoalState?> IGoalDoor.Look(GoalId goal) => (await Deliver(goal, new([]))).State;

    GoalFeed.Subscription IGoalDoor.Follow(GoalId goal) => feed.Follow(goal);

    public void StartTimer(GoalId goal, string timer, DateTimeOffset dueAt) => timers.Start(goal, timer, dueAt);

    public void Retire(GoalId goal) => timers.StopAll(goal);

    public void Run(string tenant, Func<CancellationToken, Task> work)
    {
        Interlocked.Increment(ref running);
        scheduler.Run(tenant, async () =>
        {
            try
            {
                await work(CancellationToken.None);
            }
            catch (Exception e)
            {
                // Work reports its failures as events; what arrives here is a defect, and must not take the scheduler's slot with it.
                LogBroken(log, e);
            }
            finally
            {
                Interlocked.Decrement(ref running);
            }
        });
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends what only waits; attempts are let go by their agents, goals by their orchestrators.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => stopping.CancelAsync();

    public void Dispose()
    {
        if (!ended.IsCancellationRequested) ended.Cancel();
        timers.Dispose();
        room.Dispose();
        stopping.Dispose();
    }

    private GoalMailbox Open(GoalId goal, bool isNew) => new(
        goal,
        () =>
        {
            var work = new GoalWork(this, planner, new StreamedAttempts(this, isNew, time, attemptsLog), workLog);
            return (new GoalDriver(goal, new WatchedJournal(journal, Retired), work, time, writer, (entries, state) => feed.Publish(goal, new GoalNews(entries, state))), work);
        },
        isNew, Closed);

    // A mailbox that closed because its journal failed is taken up again after a while, wherever its orchestrator is by then.
    private Task Closed(GoalMailbox mailbox, bool failed)
    {
        mailboxes.TryRemove(new(mailbox.Goal, mailbox));
        room.Leave(mailbox.Goal);
        if (failed) WakeSoon(mailbox.Goal);
        else if (!mailboxes.ContainsKey(mailbox.Goal) && orchestrators.TryGetValue(mailbox.Goal, out var moves)) moves(false);
        return Task.CompletedTask;
    }

    // Others declared this silo dead and go on without it. Nothing that it does counts any more: it ends at once rather than in good order.
    private void Retired(RetiredWriterException e)
    {
        if (Interlocked.Exchange(ref isRetired, 1) != 0) return;
        LogRetired(log, e.Message);
        stopping.Cancel();
        ended.Cancel();
        end.Retired(e.Message);
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

    [LoggerMessage(Level = LogLevel.Critical, Message = "This silo stops: {Reason}")]
    private static partial void LogRetired(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Background work broke")]
    private static partial void LogBroken(ILogger log, Exception e);
}
