using System.Text.Json;
using AgentMesh.Contracts;

namespace AgentMesh.Orchestration;

/// <summary>
/// Decides whether an event from outside may enter the journal now. Messages are at-least-once and late ones are normal:
/// what does not fit the state is refused here and never reaches <see cref="GoalMachine.Step"/>.
/// </summary>
public static class Admission
{
    /// <returns>Null when the event may enter; else one sentence why not.</returns>
    public static string? Refuse(GoalState? state, GoalEvent e)
    {
        if (state is null) return e is GoalSubmitted submitted ? Forking.Refuse(submitted.Spec) : "The goal does not exist.";
        if (state.Ended is { } ended) return $"The goal is over ({ended.Status}).";
        return e switch
        {
            GoalSubmitted => "The goal was submitted already.",
            PlanAccepted x => Plan(state, x),
            PlanRejected x => x.Version == state.Planning ? null : $"Plan version {x.Version} is not being made.",
            StepCompleted x => Attempt(state, x.Step, x.Attempt)
                ?? (x.Artifact.Id == x.Step.Artifact ? null : $"Step {x.Step.Value} makes artifact {x.Step.Value}, not {x.Artifact.Id.Value}."),
            StepFailed x => Attempt(state, x.Step, x.Attempt),
            StepsSpawned x => Attempt(state, x.Parent, x.Attempt) ?? Spawn(state, x),
            ModelCalled x => Attempt(state, x.Step, x.Attempt) ?? NewCall(state, x.Step, x.Call),
            ToolClaimed x => Attempt(state, x.Step, x.Attempt) ?? Claim(state, x) ?? Stopping(state),
            ToolReturned x => Receipt(state, x),
            ToolUnknown x => state.Step(x.Step)?.Call(x.Call) is { Status: CallStatus.Claimed } ? null : $"Call {x.Call.Value} has no open claim.",
            StepSuspended x => Attempt(state, x.Step, x.Attempt)
                ?? (state.Request(x.On) is null ? $"Nothing was asked as {x.On.Value}." : null),
            ApprovalRequested x => Running(state, x.Step) ?? NewRequest(state, x.Request) ?? Stopping(state),
            QuestionAsked x => (x.Step is { } step ? Running(state, step) : null) ?? NewRequest(state, x.Request) ?? Stopping(state),
            ApprovalDecided x => Open(state, x.Request, wantApproval: true),
            QuestionAnswered x => Open(state, x.Request, wantApproval: false) ?? Choice(state, x),
            MessageReceived => Stopping(state),
            CancelRequested => state.Ending is null ? null : "The goal is ending already.",
            TimerFired x => Timer(state, x.Timer),
            _ => $"{e.GetType().Name} is the machine's own decision and never comes from outside.",
        };
    }

    private static string? Plan(GoalState state, PlanAccepted e)
    {
        if (e.Plan.Version != state.Planning) return $"Plan version {e.Plan.Version} is not being made.";
        if (PlanValidator.Structure(e.Plan, state.Artifacts.Select(a => a.Id)) is [var error, ..]) return error;
        var added = e.Plan.Steps.Count(s => state.Step(s.Id) is null);
        if (state.Steps.Length + added > state.Spec.Constraints.MaxSteps)
            return $"The plan would have {state.Steps.Length + added} steps in all; the limit is {state.Spec.Constraints.MaxSteps}.";
        var reused = e.Plan.Steps.FirstOrDefault(s => state.Step(s.Id) is { IsOver: true, Status: not StepStatus.Completed });
        return reused is null ? Taken(state, e.Plan.Steps) : $"Step {reused.Id.Value} has ended; new work needs a new id.";
    }

    // A step's artifact carries the step's name, so the name must not be an artifact's already.
    private static string? Taken(GoalState state, IReadOnlyList<PlanStep> steps) =>
        steps.FirstOrDefault(s => state.Step(s.Id) is null && state.Artifact(s.Id.Artifact) is not null) is { } taken
            ? $"Step {taken.Id.Value} has the id of an artifact; give it another." : null;

    private static string? Running(GoalState state, StepId id) =>
        state.Step(id) is { } step
            ? step.Status == StepStatus.Running ? null : $"Step {id.Value} is {step.Status}, not Running."
            : $"There is no step {id.Value}.";

    private static string? Attempt(GoalState state, StepId id, int attempt) =>
        Running(state, id) ?? (state.Step(id)!.Attempt == attempt ? null : $"Step {id.Value} is at attempt {state.Step(id)!.Attempt}, not {attempt}.");

    private static string? NewCall(GoalState state, StepId step, CallId call) =>
        state.Step(step)!.Call(call) is null ? null : $"Call {call.Value} is recorded already.";

    // An open claim is renewed before its call is made again. A new one must not rest on consent that was given under another plan version.
    private static string? Claim(GoalState state, ToolClaimed e)
    {
        if (state.Step(e.Step)!.Call(e.Call) is { } known)
            return known.Status is CallStatus.Claimed or CallStatus.Unknown && known.Name == e.Tool ? null : $"Call {e.Call.Value} is recorded already.";
        var isVoid = false;
        foreach (var request in state.Requests)
        {
            if (request is not { Approval: { } asked, Decision: { } decided } || asked.Step != e.Step || asked.Tool != e.Tool) continue;
            var consented = decided.Verdict switch { ApprovalVerdict.Approved => asked.Arguments, ApprovalVerdict.Edited => decided.Arguments, _ => null };
            if (consented is not { } arguments || !JsonElement.DeepEquals(arguments, e.Arguments)) continue;
            if (asked.PlanVersion == state.PlanVersion) return null;
            isVoid = true;
        }

        return isVoid ? $"The consent to {e.Tool} was for an earlier plan; version {state.PlanVersion} is in force." : null;
    }

    // A receipt for an open claim is a fact, whatever became of the step meanwhile.
    private static string? Receipt(GoalState state, ToolReturned e) => state.Step(e.Step)?.Call(e.Call) switch
    {
        null => Attempt(state, e.Step, e.Attempt),
        { Status: CallStatus.Claimed or CallStatus.Unknown } => null,
        _ => $"Call {e.Call.Value} has its receipt already.",
    };

    private static string? Spawn(GoalState state, StepsSpawned e)
    {
        var limits = state.Spec.Constraints;
        if (e.Steps.Count == 0) return "Nothing to spawn.";
        if (state.Step(e.Parent)!.Definition.Depth + 1 > limits.MaxDepth) return $"Agents may spawn agents {limits.MaxDepth} deep.";
        if (state.Steps.Length + e.Steps.Count > limits.MaxSteps) return $"The goal may have {limits.MaxSteps} steps.";
        if (e.Steps.FirstOrDefault(s => state.Step(s.Id) is not null) is { } known) return $"Step {known.Id.Value} exists already.";
        var whole = new Plan { Version = state.PlanVersion, Steps = e.Steps, Proposer = "agent", Why = e.Why };
        return PlanValidator.Structure(whole, state.Artifacts.Select(a => a.Id)) is [var error, ..] ? error : Taken(state, e.Steps) ?? Stopping(state);
    }

    private static string? NewRequest(GoalState state, RequestId id) =>
        state.Request(id) is null ? null : $"{id.Value} was asked already.";

    private static string? Open(GoalState state, RequestId id, bool wantApproval) => state.Request(id) switch
    {
        null => $"Nothing was asked as {id.Value}.",
        { IsOpen: false } => $"{id.Value} is closed already.",
        { Approval: null } when wantApproval => $"{id.Value} is a question: answer it.",
        { Question: null } when !wantApproval => $"{id.Value} is an approval: approve or reject it.",
        _ => null,
    };

    private static string? Choice(GoalState state, QuestionAnswered e) =>
        state.Request(e.Request)!.Question!.Choices is { Count: > 0 } choices && !choices.Contains(e.Answer, StringComparer.Ordinal)
            ? $"{e.Request.Value} takes one of: {string.Join(", ", choices)}." : null;

    private static string? Stopping(GoalState state) => state.Ending is null ? null : "The goal is ending.";

    private static string? Timer(GoalState state, string timer)
    {
        if (timer == Timers.Deadline) return state.Spec.Constraints.Timeout is null ? "The goal has no deadline." : Stopping(state);
        if (timer == Timers.Grace) return state.Ending is null ? "The goal is not ending." : null;
        return state.Steps.Any(s => s.Status == StepStatus.BackingOff && timer == Timers.Retry(s.Id, s.Attempt + 1)) ? null : $"Nothing waits for timer {timer}.";
    }
}
