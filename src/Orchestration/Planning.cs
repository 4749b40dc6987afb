using AgentMesh.Contracts;

namespace AgentMesh.Orchestration;

/// <summary>Plans coming into force, being refused, and being asked for anew.</summary>
internal static class Planning
{
    private const string ByModel = "model:";

    public static void Accepted(Turn turn, PlanAccepted e)
    {
        var state = turn.State;
        var kept = e.Plan.Steps.Select(s => s.Id).ToHashSet();
        turn.State = Spend(state, e.Usage, e.Plan) with { Plans = state.Plans.Add(e.Plan), Planning = 0, PlanningWhy = null, Overtaken = null };

        foreach (var old in state.Steps)
        {
            var withdrawn = !kept.Contains(old.Id) && old.Definition.Parent is null && !old.IsOver;
            if (withdrawn) Withdraw(turn, old, e.Plan.Version);
            else if (old.Status == StepStatus.Suspended) AskAgain(turn, old);
        }

        foreach (var step in e.Plan.Steps)
        {
            var known = turn.State.Step(step.Id);
            if (known is null) turn.Put(new StepState(step, e.Plan.Version));
            else if (known.Status == StepStatus.Pending) turn.Put(known with { Definition = step, PlanVersion = e.Plan.Version });
        }

        if (state.Overtaken is { } why) Replan(turn, why, otherwise: null);
        if (!turn.HasRecorded) Work.Schedule(turn);
    }

    private static void Withdraw(Turn turn, StepState step, int version)
    {
        if (step.Status == StepStatus.Running)
            turn.Do(new Command.StopStep(step.Id, step.Attempt, $"Plan version {version} does without it."));
        turn.Put(step with { Status = StepStatus.Cancelled, EndedAt = turn.At, Error = $"Plan version {version} does without it.", WaitsFor = null });
        People.WithdrawRequests(turn, step.Id);
        foreach (var child in turn.State.Steps)
            if (child.Definition.Parent == step.Id && !child.IsOver) Withdraw(turn, child, version);
    }

    // An approval is bound to the plan version it was asked under; the step comes back and asks under the new one.
    public static void AskAgain(Turn turn, StepState step)
    {
        if (step.WaitsFor is not { } waits || turn.State.Request(waits) is not { Approval: not null, IsOpen: true } request) return;
        turn.State = turn.State.With(request with { Withdrawn = true });
        turn.Put(step with { Status = StepStatus.Running, RunningSince = turn.State.Sequence, WaitsFor = null });
        turn.Do(new Command.RunStep(step.Id, step.Attempt));
    }

    public static void Rejected(Turn turn, PlanRejected e)
    {
        var overtaken = turn.State.Overtaken;
        turn.State = Spend(turn.State, e.Usage, plan: null) with { Planning = 0, Overtaken = null };
        var errors = string.Join(" ", e.Errors);
        var asks = turn.State.Spec.Constraints.Approvals == ApprovalMode.Ask && MayReplan(turn.State);
        if (overtaken is not null && MayReplan(turn.State))
        {
            // It failed on a goal that has moved on since: what is known now may have a plan.
            Replan(turn, overtaken, otherwise: null);
        }
        else if (e.Version == 1 && asks)
        {
            turn.Record(new QuestionAsked(
                new RequestId($"plan-{turn.State.Replans + 1}"), null, $"No valid plan was found. {errors} What should be done, or what is wanted?", []));
        }
        else if (turn.State.Plan is { } plan && !plan.Steps.Any(s => IsBlocking(turn.State.Step(s.Id)!)))
        {
            // New information, but no better plan: the one in force goes on.
            turn.State = turn.State with { Warnings = turn.State.Warnings.Add($"Not replanned: {errors}") };
            Work.Schedule(turn);
        }
        else if (turn.State.PlanningWhy is { } why)
        {
            Ending.Decide(turn, GoalStatus.Failed, $"{why.Reason} No other plan was found: {errors}");
        }
        else
        {
            Ending.Decide(turn, GoalStatus.Failed, $"No valid plan was found. {errors}");
        }
    }

    private static GoalState Spend(GoalState state, Usage? usage, Plan? plan) =>
        usage is null ? state : state.Spend(plan?.Proposer is { } proposer && proposer.StartsWith(ByModel, StringComparison.Ordinal) ? proposer[ByModel.Length..] : null, usage);

    private static bool IsBlocking(StepState step) =>
        step is { Status: StepStatus.Failed, Definition: { Optional: false, Parent: null } };

    public static void Requested(Turn turn, ReplanRequested e)
    {
        // The plan in the making answers what the orchestrator had asked: nobody needs to any more.
        foreach (var request in turn.State.Requests)
            if (request is { IsOpen: true, Step: null }) turn.State = turn.State.With(request with { Withdrawn = true });
        turn.State = turn.State with { Planning = e.Version, PlanningWhy = e.Why, Replans = turn.State.Replans + 1 };
        turn.Do(new Command.MakePlan(e.Version));
    }

    public static void Told(Turn turn, MessageReceived e)
    {
        turn.State = turn.State with { Messages = turn.State.Messages.Add(e.Text) };
        Replan(turn, Rationale.Because($"{e.By} said: {e.Text}", $"message {turn.State.Sequence}"), otherwise: null);
    }

    public static void ReplanAfterFailure(Turn turn, StepFailed e) =>
        Replan(
            turn,
            Rationale.Because($"Step {e.Step.Value} failed: {e.Error}", e.Step.Value),
            otherwise: $"Step {e.Step.Value} failed: {e.Error}");

    private static bool MayReplan(GoalState state) =>
        state.Replans < state.Spec.Constraints.MaxReplans && state.Steps.Length < state.Spec.Constraints.MaxSteps;

    /// <param name="otherwise">Why the goal fails when it may not replan any more; null to go on with the plan in force.</param>
    public static void Replan(Turn turn, Rationale why, string? otherwise)
    {
        var state = turn.State;
        if (state.Ending is not null) return;
        if (state.Planning > 0)
        {
            // The plan in the making does not know this; it is asked for again as soon as that one is in force.
            turn.State = state with { Overtaken = why };
            return;
        }

        if (MayReplan(state))
            turn.Record(new ReplanRequested(state.PlanVersion + 1, why));
        else if (otherwise is not null)
            Ending.Decide(turn, GoalStatus.Failed, $"{otherwise} (after {state.Replans} replans)");
        else
            turn.State = state with { Warnings = state.Warnings.Add($"Not replanned, the limit of {state.Spec.Constraints.MaxReplans} is reached: {why.Reason}") };
    }
}
