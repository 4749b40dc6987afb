using AgentMesh.Contracts;
using AgentMesh.Grains.Engine;
using AgentMesh.Grains.Placement;
using AgentMesh.Runtime;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Grains.Upkeep;

/// <summary>Looks after a share of the goals: by a reminder, and whenever a silo is gone, it wakes those that their journal shows unfinished.</summary>
[Alias("agentmesh.keeper")]
internal interface IKeeperGrain : IGrainWithIntegerKey
{
    /// <summary>Sees to it that the reminder is set.</summary>
    [Alias("start")]
    Task Start();

    /// <summary>
    /// Goes over its goals now. Returns when all were asked to wake; a call during a sweep has another one follow. Where something stood in the
    /// way of some, it goes over them again soon.
    /// </summary>
    [Alias("sweep")]
    Task Sweep();
}

/// <inheritdoc cref="IKeeperGrain"/>
[Orleans.Concurrency.Reentrant, RunsOn("agents")]
internal sealed partial class KeeperGrain(IJournal journal, IGrainFactory grains, ClusterEngineOptions options, TimeProvider time, ILogger<KeeperGrain> log)
    : Grain, IKeeperGrain, IRemindable
{
    private const string Reminder = "sweep";

    /// <summary>Wakes under way at once.</summary>
    private const int AtOnce = 64;

    /// <summary>Until it looks again at what could not be woken. Grows while that goes on; a goal waits seconds then, not for the next reminder.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    private Task sweeping = Task.CompletedTask;
    private bool wanted;
    private bool isIncomplete;
    private TimeSpan pause = FirstPause;
    private IGrainTimer? again;

    public Task Start() => this.RegisterOrUpdateReminder(Reminder, options.SweepPeriod, options.SweepPeriod);

    public Task ReceiveReminder(string reminderName, TickStatus status) => Sweep();

    public Task Sweep()
    {
        wanted = true;
        return sweeping.IsCompleted ? sweeping = Go() : sweeping;
    }

    private async Task Go()
    {
        while (wanted)
        {
            wanted = isIncomplete = false;
            var woken = 0;
            for (var page = await Due(null); page.Count > 0; page = await Due(page[^1]))
            {
                foreach (var goals in page.Chunk(AtOnce)) await Task.WhenAll(goals.Select(Wake));
                woken += page.Count;
            }

            if (woken > 0) LogSwept(log, this.GetPrimaryKeyLong(), woken);
        }

        again?.Dispose();
        again = isIncomplete ? this.RegisterGrainTimer(Sweep, new GrainTimerCreationOptions(pause, Timeout.InfiniteTimeSpan) { Interleave = true, KeepAlive = true }) : null;
        pause = !isIncomplete ? FirstPause : pause < options.SweepPeriod ? pause * 2 : options.SweepPeriod;
    }

    // Deadlines that pass before the next sweep are waited for by their orchestrators.
    private async Task<IReadOnlyList<GoalId>> Due(GoalId? after)
    {
        try
        {
            return await journal.Due(new DueQuery(time.GetUtcNow() + options.SweepPeriod, (int)this.GetPrimaryKeyLong(), options.Keepers, After: after));
        }
        catch (JournalUnavailableException e)
        {
            isIncomplete = true;
            LogAway(log, e.Message);
            return [];
        }
    }

    private async Task Wake(GoalId goal)
    {
        try
        {
            await grains.GetGrain<IGoalGrain>(goal.Value).Wake();
        }
        catch (Exception e)
        {
            isIncomplete = true;
            LogNotWoken(log, goal, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Keeper {Keeper} woke {Goals} goals")]
    private static partial void LogSwept(ILogger log, long keeper, int goals);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Unfinished goals cannot be read at present: {Reason}")]
    private static partial void LogAway(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Goal {Goal} could not be woken: {Reason}")]
    private static partial void LogNotWoken(ILogger log, GoalId goal, string reason);
}
