using AgentMesh.Contracts;
using AgentMesh.Orchestration;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Runtime;

/// <summary>The work of one goal: planning, attempts at steps, timers. Made with its driver and dropped with it.</summary>
public sealed partial class GoalWork(IGoalHost host, PlanRunner planner, IAttempts attempts, ILogger<GoalWork> log) : IGoalWork, IDisposable
{
    private readonly CancellationTokenSource dropped = new();
    private GoalBudget? budget;

    public void Begin(GoalState state, Command command)
    {
        budget ??= new GoalBudget(state.Spec.Constraints.Budget, state.Usage + Claimed(state));
        switch (command)
        {
            case Command.MakePlan plan: host.Run(state.Spec.Tenant, ct => MakePlan(state, plan, ct)); break;
            case Command.RunStep run: attempts.Run(state, run, budget); break;
            case Command.StopStep stop: attempts.Stop(state, stop); break;
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
        attempts.Dispose();
    }

    private async Task MakePlan(GoalState state, Command.MakePlan command, CancellationToken ct)
    {
        try
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, dropped.Token);
            await planner.Run(state, command.Version, budget!, Post, stop.Token);
        }
        catch (Exception e) when (dropped.IsCancellationRequested || ct.IsCancellationRequested || Ownership.IsLost(e))
        {
            LogDropped(log, state.Goal, e.Message);
        }

        // What was dropped may not speak for the goal: whoever has loaded it since plans anew.
        Task<string?> Post(IReadOnlyList<GoalEvent> events)
        {
            dropped.Token.ThrowIfCancellationRequested();
            return host.Post(state.Goal, events);
        }
    }

    // A claim without a receipt is counted by its receipt, which is still to come.
    private static Usage Claimed(GoalState state) => new(
        0, 0, 0, state.Steps.Sum(s => s.Calls.Count(c => c.Status is CallStatus.Claimed or CallStatus.Unknown)), 0m, 0);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Goal {Goal}: planning was dropped: {Reason}")]
    private static partial void LogDropped(ILogger log, GoalId goal, string reason);
}
