using System.Collections.Concurrent;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Runtime;

/// <summary>The work of one goal in this process: planning, attempts at steps, timers. Made with its driver and dropped with it.</summary>
public sealed partial class GoalWork(IGoalHost host, PlanRunner planner, StepRunner steps, ILogger<GoalWork> log) : IGoalWork, IDisposable
{
    private readonly ConcurrentDictionary<StepId, Attempt> running = new();
    private readonly CancellationTokenSource dropped = new();
    private GoalBudget? budget;

    public void Begin(GoalState state, Command command)
    {
        budget ??= new GoalBudget(state.Spec.Constraints.Budget, state.Usage + Claimed(state));
        switch (command)
        {
            case Command.MakePlan plan: host.Run(state.Spec.Tenant, ct => MakePlan(state, plan, ct)); break;
            case Command.RunStep run: RunStep(state, run); break;
            case Command.StopStep stop: StopStep(state, stop); break;
            case Command.StartTimer timer: host.StartTimer(state.Goal, timer.Timer, timer.DueAt); break;
            case Command.Retire: host.Retire(state.Goal); break;
        }
    }

    public GoalEvent? AnswerAtOnce(GoalState state, Command command) =>
        command is Command.MakePlan plan ? planner.AtOnce(state, plan.Version) : null;

    /// <summary>Stops everything that runs for the goal here; the journal knows how to go on elsewhere.</summary>
    public void Dispose()
    {
        dropped.Cancel();
        foreach (var attempt in running.Values) attempt.Stop.Cancel();
    }

    private async Task MakePlan(GoalState state, Command.MakePlan command, CancellationToken ct)
    {
        try
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, dropped.Token);
            await planner.Run(state, command.Version, budget!, events => Post(state.Goal, events), stop.Token);
        }
        catch (Exception e) when (dropped.IsCancellationRequested || ct.IsCancellationRequested || IsOwnershipLost(e))
        {
            LogDropped(log, state.Goal, "planning", e.Message);
        }
    }

    private void RunStep(GoalState state, Command.RunStep run)
    {
        var attempt = new Attempt(run.Attempt, new CancellationTokenSource());
        if (dropped.IsCancellationRequested) return;
        running[run.Step] = attempt;
        host.Run(state.Spec.Tenant, async ct =>
        {
            try
            {
                using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, attempt.Stop.Token, dropped.Token);
                await steps.Run(state, run.Step, run.Attempt, budget!, events => Post(state.Goal, events), attempt, stop.Token);
            }
            catch (Exception e) when (dropped.IsCancellationRequested || ct.IsCancellationRequested || IsOwnershipLost(e))
            {
                LogDropped(log, state.Goal, run.Step.Value, e.Message);
            }
            finally
            {
                running.TryRemove(new KeyValuePair<StepId, Attempt>(run.Step, attempt));
            }
        });
    }

    private void StopStep(GoalState state, Command.StopStep stop)
    {
        if (running.TryGetValue(stop.Step, out var attempt) && attempt.Number == stop.Attempt)
        {
            attempt.Reason = stop.Reason;
            attempt.Stop.Cancel();
        }
        else
        {
            host.Run(state.Spec.Tenant, async _ =>
            {
                try
                {
                    await Post(state.Goal, [new StepFailed(stop.Step, stop.Attempt, FailureKind.Permanent, stop.Reason)]);
                }
                catch (Exception e) when (dropped.IsCancellationRequested || IsOwnershipLost(e))
                {
                    LogDropped(log, state.Goal, stop.Step.Value, e.Message);
                }
            });
        }
    }

    // What was dropped may not speak for the goal: whoever has loaded it since runs the same attempts.
    private Task<string?> Post(GoalId goal, IReadOnlyList<GoalEvent> events)
    {
        dropped.Token.ThrowIfCancellationRequested();
        return host.Post(goal, events);
    }

    // A claim without a receipt is counted by its receipt, which is still to come.
    private static Usage Claimed(GoalState state) => new(
        0, 0, 0, state.Steps.Sum(s => s.Calls.Count(c => c.Status is CallStatus.Claimed or CallStatus.Unknown)), 0m, 0);

    // The goal moved to another owner, or the store is away for longer than we wait: what ran here is void, the journal decides.
    private static bool IsOwnershipLost(Exception e) => e is StaleWriterException or JournalUnavailableException or StaleAttemptException or ObjectDisposedException;

    [LoggerMessage(Level = LogLevel.Debug, Message = "Goal {Goal}: {Work} was dropped: {Reason}")]
    private static partial void LogDropped(ILogger log, GoalId goal, string work, string reason);
}

/// <summary>One attempt that runs in this process.</summary>
public sealed class Attempt(int number, CancellationTokenSource stop)
{
    public int Number { get; } = number;
    public CancellationTokenSource Stop { get; } = stop;

    /// <summary>Why it was told to stop; null while it was not.</summary>
    public string? Reason { get; set; }
}

/// <summary>The goal no longer takes this attempt's events: another one has its place.</summary>
public sealed class StaleAttemptException(string message) : Exception(message);
