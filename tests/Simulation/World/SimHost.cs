using AgentMesh.Contracts;
using AgentMesh.Runtime;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMesh.Simulation;

/// <summary>
/// One life of a host: the real driver, work and step runner behind a mailbox that behaves like the single-process engine's, but on simulated
/// time. When its life ends, everything that it waits for never comes.
/// </summary>
internal sealed class SimHost(SimWorld world, int number) : IGoalHost
{
    private static readonly TimeSpan ReloadDelay = TimeSpan.FromMilliseconds(250);
    private readonly Dictionary<string, SimClock.Due> timers = new(StringComparer.Ordinal);
    private readonly HashSet<(StepId, int)> running = [];
    private List<Posted> queue = [];
    private bool draining;
    private long durable;
    private (ISimDriver Driver, GoalWork Work)? hosted;
    private TimeProvider? time;

    public int Number => number;
    public bool IsAlive { get; set; } = true;

    /// <summary>Another host has taken over and this one does not know it yet.</summary>
    public bool IsReplaced { get; set; }
    public TimeProvider Time => time ??= new LifeTime(world.Clock, () => IsAlive);

    /// <summary>How far the journal was when each attempt began to run here: what it must know.</summary>
    public Dictionary<(StepId Step, int Attempt), long> KnownAt { get; } = [];

    public void Recover() => _ = Deliver(new([]));

    public Task<string?> Post(GoalId goal, IReadOnlyList<GoalEvent> events) => Send(new(events));

    public Task End(GoalId goal, IReadOnlyList<GoalEvent> events, long seen) => Send(new(events, seen));

    private Task<string?> Send(Delivery delivery)
    {
        if (!IsAlive) return new TaskCompletionSource<string?>().Task;
        world.Checks.OnPost(delivery);
        var sent = Mutants.Rewrite(world.Mutation, delivery);
        if (world.Fault(world.Profile.Duplicate))
        {
            world.Clock.After(world.Random.Within(TimeSpan.FromSeconds(world.Random.Pick(0.02, 2.0, 2.0))), () =>
            {
                if (!IsAlive) return;
                world.Note($"host {number} gets again: {string.Join("; ", sent.Events.Select(Compact.Of))}");
                _ = Deliver(sent);
            });
        }

        return Deliver(sent);
    }

    public void StartTimer(GoalId goal, string timer, DateTimeOffset dueAt)
    {
        if (!IsAlive || timers.ContainsKey(timer)) return;
        if (world.Mutation == Mutation.LostTimer && timer.StartsWith("retry", StringComparison.Ordinal)) return;
        timers[timer] = world.Clock.After(dueAt - world.Clock.Now, () =>
        {
            timers.Remove(timer);
            if (IsAlive) _ = Post(goal, [new TimerFired(timer)]);
        });
    }

    public void Run(string tenant, Func<CancellationToken, Task> work) =>
        world.Clock.After(world.Random.Within(TimeSpan.FromMilliseconds(3)), () => _ = Carry(work));

    private async Task Carry(Func<CancellationToken, Task> work)
    {
        if (!IsAlive) return;
        try
        {
            await work(CancellationToken.None);
        }
        catch (Exception e)
        {
            world.Violate(Check.NoDefect, $"Background work broke: {e.GetType().Name}: {e.Message}");
        }
    }

    public void Retire(GoalId goal)
    {
        foreach (var timer in timers.Values) timer.Cancel();
        timers.Clear();
    }

    /// <summary>An attempt begins to run here. Called by the agent.</summary>
    public void Enter(StepId step, int attempt)
    {
        KnownAt[(step, attempt)] = durable;
        if (!running.Add((step, attempt))) world.Violate(Check.OneRunner, $"Host {number} runs {step} attempt {attempt} twice at once.");
    }

    public void Leave(StepId step, int attempt) => running.Remove((step, attempt));

    private Task<string?> Deliver(Delivery delivery)
    {
        var posted = new Posted(delivery);
        queue.Add(posted);
        if (!draining)
        {
            draining = true;
            world.Clock.After(TimeSpan.Zero, () => _ = Drain());
        }

        return posted.Done.Task;
    }

    private async Task Drain()
    {
        if (!IsAlive) return;
        while (queue.Count > 0)
        {
            List<Posted> batch;
            (batch, queue) = (queue, []);
            try
            {
                if (hosted is null)
                {
                    hosted = Open();
                    await hosted.Value.Driver.Load();
                    durable = hosted.Value.Driver.State?.Sequence ?? 0;
                }

                var refusals = await hosted.Value.Driver.Handle([.. batch.Select(p => p.Delivery)]);
                durable = hosted.Value.Driver.State?.Sequence ?? 0;
                for (var i = 0; i < batch.Count; i++)
                {
                    if (refusals[i] is { } refusal) world.Note($"host {number} refused {string.Join("; ", batch[i].Delivery.Events.Select(Compact.Of))}: {refusal}");
                    batch[i].Done.TrySetResult(refusals[i]);
                }
            }
            catch (Exception e)
            {
                Fail(batch, e);
                return;
            }
        }

        draining = false;
        if (hosted?.Driver.State is null or { Status: GoalStatus.Completed or GoalStatus.Failed or GoalStatus.Cancelled or GoalStatus.Waiting }) Close();
    }

    private (ISimDriver, GoalWork) Open()
    {
        running.Clear();
        var models = new SimModels(world, this);
        var runner = new StepRunner(
            new SimAgent(world, this), new Toolbox(world.Service.Tools(this)), models, NoContent.Instance, SimCatalogue.Catalogue, SimCatalogue.Options, Time,
            NullLogger<StepRunner>.Instance);
        var work = new GoalWork(this, new PlanRunner(new SimPlanner(world, this), SimCatalogue.Catalogue), new LocalAttempts(this, runner, NullLogger<LocalAttempts>.Instance), NullLogger<GoalWork>.Instance);
        return (Mutants.Driver(world, this, Mutants.Work(world, work)), work);
    }

    private void Close()
    {
        hosted?.Work.Dispose();
        hosted = null;
    }

    private void Fail(List<Posted> batch, Exception e)
    {
        if (e is not (StaleWriterException or JournalUnavailableException)) world.Violate(Check.NoDefect, $"The driver broke: {e.GetType().Name}: {e.Message}");
        world.Note($"host {number} drops the goal: {e.Message}");
        List<Posted> left;
        (left, queue, draining) = (queue, [], false);
        Close();
        if (IsReplaced) IsAlive = false;
        else world.Clock.After(ReloadDelay, () => { if (IsAlive) _ = Deliver(new([])); });
        foreach (var posted in batch.Concat(left)) posted.Done.TrySetException(e);
    }

    private sealed class Posted(Delivery delivery)
    {
        public Delivery Delivery => delivery;
        public TaskCompletionSource<string?> Done { get; } = new();
    }
}
