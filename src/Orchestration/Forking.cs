using AgentMesh.Contracts;

namespace AgentMesh.Orchestration;

/// <summary>Goals that go on from a step of another one.</summary>
public static class Forking
{
    /// <summary>What to submit so that a new goal goes on from that step.</summary>
    /// <exception cref="MeshException">Code <c>step-not-found</c> or <c>fork-refused</c>.</exception>
    public static GoalSpec Of(GoalState state, ForkRequest request)
    {
        if (state.Plans.LastOrDefault(p => p.Steps.Any(s => s.Id == request.From)) is not { } plan) throw NoStep(state, request.From);
        var graph = new PlanGraph(plan.Steps);
        var before = plan.Steps.Where(s => s.Id != request.From && !graph.DependsOn(s.Id, request.From.Value)).Select(s => state.Step(s.Id)).OfType<StepState>().ToList();
        var done = before.Select(Done).OfType<StepDone>().ToList();
        var over = done.Select(d => d.Step).ToHashSet();
        // What was skipped for want of something that is made now may be wanted after all.
        var planned = plan.Steps.ToDictionary(s => s.Id);
        while (done.RemoveAll(d => d.Without is not null && planned[d.Step].Inputs.Select(i => new StepId(i.Value)).Any(i => planned.ContainsKey(i) && !over.Contains(i))) > 0)
            over = [.. done.Select(d => d.Step)];
        foreach (var open in before)
            if (!over.Contains(open.Id)) RequireNoEffect(state, open, request.From);

        return state.Spec with
        {
            SubmittedBy = request.By,
            Trace = null,
            Constraints = request.Constraints ?? state.Spec.Constraints,
            Fork = new GoalFork(state.Goal, request.From, Anew(plan, state.Goal, request), done, [.. state.Artifacts.Where(a => a.Origin.Step is { } maker && IsOf(state, maker, over))]),
        };
    }

    /// <returns>Null when a goal may begin with it.</returns>
    internal static string? Refuse(GoalSpec spec)
    {
        if (spec.Fork is not { } fork) return null;
        if (fork.Plan.Version != 1) return "A forked goal begins with version 1 of its plan.";
        var there = spec.Inputs.Concat(fork.Artifacts).Select(a => a.Id).ToList();
        if (there.Distinct().Count() != there.Count) return "Two artifacts of a forked goal have the same id.";
        var made = fork.Done.Where(d => d.Without is null).Select(d => d.Step.Artifact).ToHashSet();
        if (PlanValidator.Structure(fork.Plan, there.Where(id => !made.Contains(id))) is [var error, ..]) return error;
        return fork.Done.FirstOrDefault(d => fork.Plan.Steps.All(s => s.Id != d.Step) || (d.Without is null && !there.Contains(d.Step.Artifact))) is { } odd
            ? $"Step {odd.Step.Value} cannot be over: it is not in the plan, or its artifact is not given." : null;
    }

    internal static void Begin(Turn turn, GoalFork fork)
    {
        turn.State = turn.State with { Planning = 0, Plans = [fork.Plan], Artifacts = turn.State.Artifacts.AddRange(fork.Artifacts) };
        var done = fork.Done.ToDictionary(d => d.Step);
        foreach (var step in fork.Plan.Steps)
        {
            var state = new StepState(step, fork.Plan.Version);
            turn.Put(!done.TryGetValue(step.Id, out var over) ? state : state with
            {
                Status = over.Without is null ? StepStatus.Completed : StepStatus.Skipped, EndedAt = turn.At, Tier = over.Tier, Confidence = over.Confidence, Why = over.Why, Error = over.Without,
            });
        }

        Work.Schedule(turn);
    }

    private static StepDone? Done(StepState step) => step switch
    {
        { Status: StepStatus.Completed } => new(step.Id, step.Tier, step.Confidence, step.Why),
        { Status: StepStatus.Skipped } => new(step.Id, null, null, step.Why, step.Error ?? "It was skipped."),
        // Its effects may have happened, and the plan does without it.
        { Status: StepStatus.Failed, Definition.Optional: true } => new(step.Id, null, null, step.Why, $"It failed: {step.Error}"),
        _ => null,
    };

    private static void RequireNoEffect(GoalState state, StepState open, StepId from)
    {
        var call = state.Steps.Where(s => IsOf(state, s.Id, [open.Id])).SelectMany(s => s.Calls).FirstOrDefault(c => c.Effect != ToolEffect.Pure);
        if (call is null) return;
        throw new MeshException(
            "fork-refused",
            $"Step {open.Id.Value} does not depend on {from.Value}, is not completed, and has called {call.Name}, which would happen again. Fork from {open.Id.Value}, or when it is completed.");
    }

    /// <summary>Whether the step is one of these, or a helper of one.</summary>
    private static bool IsOf(GoalState state, StepId step, HashSet<StepId> steps)
    {
        for (StepId? at = step; at is { } id; at = state.Step(id)?.Definition.Parent)
            if (steps.Contains(id)) return true;
        return false;
    }

    private static Plan Anew(Plan plan, GoalId goal, ForkRequest request) => plan with
    {
        Version = 1,
        Why = new Rationale($"{request.By} forked goal {goal.Value} from step {request.From.Value}, plan version {plan.Version}. {plan.Why.Reason}", plan.Why.Alternatives, [goal.Value, .. plan.Why.Evidence]),
        Steps = request.Instruction is not { } other ? plan.Steps : [.. plan.Steps.Select(s => s.Id == request.From ? s with { Instruction = other } : s)],
    };

    private static MeshException NoStep(GoalState state, StepId step)
    {
        if (state.Step(step)?.Definition.Parent is { } parent) return new("fork-refused", $"Step {step.Value} is a helper of {parent.Value}: fork from there.");
        var steps = state.Plans.SelectMany(p => p.Steps).Select(s => s.Id.Value).Distinct(StringComparer.Ordinal).ToList();
        return new("step-not-found", $"Goal {state.Goal.Value} has no step {step.Value} in its plans. {(steps.Count == 0 ? "It has no plan yet." : $"There are: {string.Join(", ", steps)}.")}");
    }
}
