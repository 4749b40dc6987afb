using AgentMesh.Contracts;

namespace AgentMesh.Orchestration;

/// <summary>How a goal ends: decided, running steps let go, ended.</summary>
internal static class Ending
{
    /// <summary>Decides the end. Running steps are told to stop; the goal ends when the last one did, or after the grace period.</summary>
    public static void Decide(Turn turn, GoalStatus status, string reason)
    {
        if (turn.State.Ending is not null) return;
        People.WithdrawRequests(turn, step: null);
        turn.State = turn.State with { Ending = new GoalEnded(status, reason, Delivered(turn.State)), Planning = 0 };
        foreach (var step in turn.State.Steps)
        {
            if (step.Status == StepStatus.Running) turn.Do(new Command.StopStep(step.Id, step.Attempt, reason));
            else if (!step.IsOver) turn.Put(step with { Status = StepStatus.Cancelled, EndedAt = turn.At, WaitsFor = null, RetryAt = null });
        }

        if (!EndIfQuiet(turn)) turn.Do(new Command.StartTimer(Timers.Grace, turn.At + Timers.GracePeriod));
    }

    public static bool EndIfQuiet(Turn turn)
    {
        if (turn.State.Ending is not { } ending) return false;
        foreach (var step in turn.State.Steps)
        {
            if (step.Status == StepStatus.Running) return false;
            if (!step.IsOver) turn.Put(step with { Status = StepStatus.Cancelled, EndedAt = turn.At, WaitsFor = null });
        }

        turn.Record(ending);
        return true;
    }

    /// <summary>All steps are over: the goal is done if what it was to deliver exists.</summary>
    public static void Finish(Turn turn)
    {
        var state = turn.State;
        var delivered = Delivered(state);
        var missing = (state.Plan?.Deliver ?? [])
            .Where(id => !delivered.Contains(id) && state.Step(new StepId(id.Value)) is { Definition: { Optional: false, When: null } })
            .Select(id => id.Value).ToList();
        IReadOnlyList<string> wanted = [.. (state.Plan?.Deliver ?? []).Select(id => id.Value)];

        if (missing.Count > 0 || (wanted.Count > 0 && delivered.Count == 0))
        {
            var why = state.Steps.Where(s => s.Error is not null).Select(s => $"{s.Id.Value}: {s.Error}");
            turn.Record(new GoalEnded(GoalStatus.Failed, $"Not delivered: {string.Join(", ", missing.Count > 0 ? missing : wanted)}. {string.Join(" ", why)}".TrimEnd(), delivered));
        }
        else
        {
            turn.Record(new GoalEnded(GoalStatus.Completed, "All steps are done.", delivered));
        }
    }

    public static void TimerFired(Turn turn, TimerFired e)
    {
        if (e.Timer == Timers.Deadline)
        {
            Decide(turn, GoalStatus.Failed, $"The deadline of {turn.State.Spec.Constraints.Timeout} has passed.");
        }
        else if (e.Timer == Timers.Grace)
        {
            if (turn.State.Ending is not { } ending) return;
            foreach (var step in turn.State.Steps)
                if (!step.IsOver) turn.Put(step with { Status = StepStatus.Cancelled, EndedAt = turn.At, Error = "It did not stop in time." });
            turn.Record(ending);
        }
        else
        {
            foreach (var step in turn.State.Steps)
            {
                if (step.Status == StepStatus.BackingOff && e.Timer == Timers.Retry(step.Id, step.Attempt + 1))
                    turn.Record(new StepStarted(step.Id, step.Attempt + 1, step.Agent!.Value));
            }
        }
    }

    public static void Ended(Turn turn, GoalEnded e)
    {
        var open = turn.State.Steps.SelectMany(s => s.Calls).Where(c => c.Status is CallStatus.Claimed or CallStatus.Unknown)
            .Select(c => $"Whether {c.Name} (call {c.Id.Value}) took effect is not known.");
        turn.State = turn.State with { Ended = e, Ending = null, EndedAt = turn.At, Planning = 0, Warnings = turn.State.Warnings.AddRange(open) };
        turn.Do(new Command.Retire());
    }

    private static List<ArtifactId> Delivered(GoalState state) =>
        [.. (state.Plan?.Deliver ?? []).Where(id => state.Artifact(id) is not null)];
}
