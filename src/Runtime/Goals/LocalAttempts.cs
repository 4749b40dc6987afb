using System.Collections.Concurrent;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Runtime;

/// <summary>Attempts that run in the process of their goal.</summary>
public sealed partial class LocalAttempts(IGoalHost host, StepRunner steps, ILogger<LocalAttempts> log) : IAttempts
{
    private readonly ConcurrentDictionary<StepId, Attempt> running = new();
    private readonly CancellationTokenSource dropped = new();

    public void Run(GoalState state, Command.RunStep run, GoalBudget budget)
    {
        var attempt = new Attempt(run.Attempt, new CancellationTokenSource());
        if (dropped.IsCancellationRequested) return;
        running[run.Step] = attempt;
        host.Run(state.Spec.Tenant, async ct =>
        {
            try
            {
                using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, attempt.Stop.Token, dropped.Token);
                await steps.Run(state, run.Step, run.Attempt, budget, new Line(this, state.Goal), attempt, stop.Token);
            }
            catch (Exception e) when (dropped.IsCancellationRequested || ct.IsCancellationRequested || Ownership.IsLost(e))
            {
                LogDropped(log, state.Goal, run.Step, e.Message);
            }
            finally
            {
                running.TryRemove(new KeyValuePair<StepId, Attempt>(run.Step, attempt));
            }
        });
    }

    public void Stop(GoalState state, Command.StopStep stop)
    {
        if (running.TryGetValue(stop.Step, out var attempt) && attempt.Number == stop.Attempt)
        {
            attempt.Reason = stop.Reason;
            attempt.Stop.Cancel();
            return;
        }

        host.Run(state.Spec.Tenant, async _ =>
        {
            try
            {
                await Host.Post(state.Goal, [new StepFailed(stop.Step, stop.Attempt, FailureKind.Permanent, stop.Reason)]);
            }
            catch (Exception e) when (dropped.IsCancellationRequested || Ownership.IsLost(e))
            {
                LogDropped(log, state.Goal, stop.Step, e.Message);
            }
        });
    }

    public void Dispose()
    {
        dropped.Cancel();
        foreach (var attempt in running.Values) attempt.Stop.Cancel();
    }

    // What was dropped may not speak for the goal: whoever has loaded it since runs the same attempts.
    private IGoalHost Host
    {
        get
        {
            dropped.Token.ThrowIfCancellationRequested();
            return host;
        }
    }

    private sealed class Line(LocalAttempts attempts, GoalId goal) : IGoalLine
    {
        public Task<string?> Post(IReadOnlyList<GoalEvent> events) => attempts.Host.Post(goal, events);

        public Task End(IReadOnlyList<GoalEvent> events, long seen) => attempts.Host.End(goal, events, seen);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Goal {Goal}: the attempt at {Step} was dropped: {Reason}")]
    private static partial void LogDropped(ILogger log, GoalId goal, StepId step, string reason);
}
