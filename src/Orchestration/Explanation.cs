using AgentMesh.Contracts;

namespace AgentMesh.Orchestration;

/// <summary>One decision that was taken for a goal, read from its journal.</summary>
/// <param name="Kind"><c>plan</c>, <c>replan</c>, <c>step</c>, <c>skip</c>, <c>failure</c>, <c>consent</c>, <c>refusal</c>, <c>question</c>, <c>end</c>.</param>
/// <param name="Subject">What it is about: a step, a request, a plan version.</param>
/// <param name="What">What was decided, in one line.</param>
public sealed record Decision(long Sequence, DateTimeOffset At, string Kind, string Subject, StepId? Step, string What, Rationale Why);

/// <summary>Reads from a journal why things went as they did. Adds no interpretation of its own: every line is a recorded fact.</summary>
public static class Explanation
{
    /// <param name="only">Only decisions about this step; null for all.</param>
    public static IReadOnlyList<Decision> Of(IEnumerable<JournalEntry> journal, StepId? only = null)
    {
        var decisions = new List<Decision>();
        var steps = new Dictionary<StepId, PlanStep>();
        var requests = new Dictionary<RequestId, StepId?>();
        foreach (var entry in journal)
        {
            foreach (var step in Plan(entry.Event)?.Steps ?? []) steps[step.Id] = step;
            if (entry.Event is ApprovalRequested approval) requests[approval.Request] = approval.Step;
            if (entry.Event is QuestionAsked question) requests[question.Request] = question.Step;
            if (Read(entry, steps, requests) is { } decision && (only is null || decision.Step == only)) decisions.Add(decision);
        }

        return decisions;
    }

    private static Plan? Plan(GoalEvent e) => e is PlanAccepted accepted ? accepted.Plan : (e as GoalSubmitted)?.Spec.Fork?.Plan;

    private static Decision? Read(JournalEntry entry, Dictionary<StepId, PlanStep> steps, Dictionary<RequestId, StepId?> requests)
    {
        Decision Made(string kind, string subject, StepId? step, string what, Rationale why) => new(entry.Sequence, entry.At, kind, subject, step, what, why);
        return entry.Event switch
        {
            GoalSubmitted or PlanAccepted when Plan(entry.Event) is { } plan => Made(
                "plan", $"plan {plan.Version}", null, $"{plan.Proposer}: {string.Join(" → ", plan.Steps.Select(s => $"{s.Id.Value} ({s.Role})"))}", plan.Why),
            PlanRejected e => Made("refusal", $"plan {e.Version}", null, "No valid plan was found.", new Rationale(string.Join(" ", e.Errors), [], [])),
            ReplanRequested e => Made("replan", $"plan {e.Version}", null, $"Plan version {e.Version} was asked for.", e.Why),
            StepCompleted e => Made(
                "step", e.Step.Value, e.Step,
                $"{(steps.TryGetValue(e.Step, out var made) ? made.Role : "An agent")} made {e.Artifact.Kind} by {e.Tier}, confidence {e.Confidence:0.00}.", e.Why),
            StepFailed e => Made("failure", e.Step.Value, e.Step, $"Attempt {e.Attempt} failed ({e.Kind}): {e.Error}", e.Why ?? Rationale.Because(e.Error)),
            StepSkipped e => Made("skip", e.Step.Value, e.Step, "It was skipped.", Rationale.Because(e.Reason)),
            StepsSpawned e => Made("plan", e.Parent.Value, e.Parent, $"It asked for helpers: {string.Join(", ", e.Steps.Select(s => s.Id.Value))}.", e.Why),
            ToolReturned { Error: { } error } e => Made("refusal", e.Call.Value, e.Step, $"{e.Tool} gave no result.", Rationale.Because(error)),
            ToolUnknown e => Made("question", e.Call.Value, e.Step, $"Whether {e.Tool} took effect is not known.", Rationale.Because(e.Reason, e.Call.Value)),
            ApprovalRequested e => Made(
                "consent", e.Request.Value, e.Step, $"Consent was asked for {e.Tool}.",
                new Rationale(e.Why, [], [e.Call.Value, .. e.Untrusted.Select(path => $"untrusted {path}")])),
            ApprovalDecided e => Made(
                "consent", e.Request.Value, requests.GetValueOrDefault(e.Request), $"{e.By}: {e.Verdict}.", Rationale.Because(e.Reason ?? "No reason was given.", e.Request.Value)),
            QuestionAsked e => Made("question", e.Request.Value, e.Step, e.Question, Rationale.Because("The agent could not decide it.", e.Request.Value)),
            QuestionAnswered e => Made("question", e.Request.Value, requests.GetValueOrDefault(e.Request), $"{e.By}: {e.Answer}", Rationale.Because("A person answered.", e.Request.Value)),
            CancelRequested e => Made("end", "cancel", null, $"{e.By} cancelled.", Rationale.Because(e.Reason)),
            GoalEnded e => Made("end", e.Status.ToString(), null, $"The goal ended {e.Status}.", new Rationale(e.Reason, [], [.. e.Result.Select(a => a.Value)])),
            _ => null,
        };
    }
}
