using AgentMesh.Contracts;

namespace AgentMesh.Orchestration;

/// <summary>Steps starting, ending, retrying and spawning, and what each end lets start.</summary>
internal static class Work
{
    public static void Started(Turn turn, StepStarted e)
    {
        var step = turn.Step(e.Step);
        turn.Put(step with
        {
            Status = StepStatus.Running, RunningSince = turn.State.Sequence, Attempt = e.Attempt, Agent = e.Agent, StartedAt = step.StartedAt ?? turn.At, RetryAt = null, Error = null,
        });
        turn.Do(new Command.RunStep(e.Step, e.Attempt));
        Schedule(turn);
    }

    public static void Completed(Turn turn, StepCompleted e)
    {
        turn.Put(turn.Step(e.Step) with
        {
            Status = StepStatus.Completed, EndedAt = turn.At, Tier = e.Tier, Confidence = e.Confidence, Why = e.Why, WaitsFor = null,
        });
        turn.State = turn.State with { Artifacts = turn.State.Artifacts.Add(e.Artifact) };
        Schedule(turn);
    }

    public static void Skipped(Turn turn, StepSkipped e)
    {
        turn.Put(turn.Step(e.Step) with { Status = StepStatus.Skipped, EndedAt = turn.At, Error = e.Reason });
        Schedule(turn);
    }

    public static void Failed(Turn turn, StepFailed e)
    {
        var step = turn.Step(e.Step);
        var ending = turn.State.Ending is not null;
        turn.Put(step with
        {
            Status = ending ? StepStatus.Cancelled : StepStatus.Failed, EndedAt = turn.At, Error = e.Error, Why = e.Why ?? step.Why, WaitsFor = null,
        });
        if (ending)
        {
            Ending.EndIfQuiet(turn);
            return;
        }

        var next = e.Attempt + 1;
        if (e.Kind is FailureKind.Transient or FailureKind.Timeout && next <= step.Definition.Retry.MaxAttempts)
        {
            turn.Record(new RetryScheduled(e.Step, next, turn.At + Timers.Backoff(step.Definition.Retry, next)));
            return;
        }

        if (step.Definition.Optional || step.Definition.Parent is not null)
        {
            turn.State = turn.State with { Warnings = turn.State.Warnings.Add($"Step {e.Step.Value} failed: {e.Error}") };
            Schedule(turn);
        }
        else if (e.Kind == FailureKind.Budget)
        {
            Ending.Decide(turn, GoalStatus.Failed, $"Step {e.Step.Value} stopped at the budget: {e.Error}");
        }
        else
        {
            Planning.ReplanAfterFailure(turn, e);
        }
    }

    public static void RetryScheduled(Turn turn, RetryScheduled e)
    {
        turn.Put(turn.Step(e.Step) with { Status = StepStatus.BackingOff, RetryAt = e.DueAt, EndedAt = null });
        turn.Do(new Command.StartTimer(Timers.Retry(e.Step, e.NextAttempt), e.DueAt));
    }

    public static void Spawned(Turn turn, StepsSpawned e)
    {
        var parent = turn.Step(e.Parent);
        turn.Put(parent with { Status = StepStatus.Delegating });
        foreach (var child in e.Steps)
            turn.Put(new StepState(child with { Parent = e.Parent, Depth = parent.Definition.Depth + 1 }, turn.State.PlanVersion));
        Schedule(turn);
    }

    /// <summary>
    /// Records the next decision: start a step, skip one, bring back a parent whose helpers ended, or end the goal. One decision at a time,
    /// because each, once applied, comes back here; two from one turn would rest on a state that the first has changed.
    /// </summary>
    public static void Schedule(Turn turn)
    {
        if (turn.State.Ending is not null) Ending.EndIfQuiet(turn);
        else if (turn.State.Planning > 0) return; // The plan in the making decides what may still start.
        else if (Next(turn.State) is { } decision) turn.Record(decision);
        else if (turn.State.Steps.All(s => s.IsOver)) Ending.Finish(turn);
    }

    private static GoalEvent? Next(GoalState state)
    {
        foreach (var step in state.Steps)
        {
            if (step.Status == StepStatus.Delegating && state.Steps.All(s => s.Definition.Parent != step.Id || s.IsOver))
                return new StepStarted(step.Id, step.Attempt, step.Agent!.Value);
            if (step.Status != StepStatus.Pending) continue;
            switch (Readiness.Of(state, step))
            {
                case Readiness.ReadyNow: return new StepStarted(step.Id, 1, NextAgent(state, step.Definition.Role));
                case Readiness.Never never: return new StepSkipped(step.Id, never.Reason);
            }
        }

        return null;
    }

    private static AgentId NextAgent(GoalState state, string role) =>
        AgentId.Of(state.Goal, role, state.Steps.Count(s => s.Agent is not null && s.Definition.Role == role) + 1);
}
