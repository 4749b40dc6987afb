using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentMesh.Contracts;

/// <summary>One fact of a goal's journal. Facts are never changed; new members are optional so that old journals still read.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(GoalSubmitted), "goal.submitted")]
[JsonDerivedType(typeof(PlanAccepted), "plan.accepted")]
[JsonDerivedType(typeof(PlanRejected), "plan.rejected")]
[JsonDerivedType(typeof(ReplanRequested), "plan.requested")]
[JsonDerivedType(typeof(StepStarted), "step.started")]
[JsonDerivedType(typeof(StepCompleted), "step.completed")]
[JsonDerivedType(typeof(StepFailed), "step.failed")]
[JsonDerivedType(typeof(StepSkipped), "step.skipped")]
[JsonDerivedType(typeof(RetryScheduled), "step.retry")]
[JsonDerivedType(typeof(StepsSpawned), "step.spawned")]
[JsonDerivedType(typeof(StepSuspended), "step.suspended")]
[JsonDerivedType(typeof(ModelCalled), "model.called")]
[JsonDerivedType(typeof(ToolClaimed), "tool.claimed")]
[JsonDerivedType(typeof(ToolReturned), "tool.returned")]
[JsonDerivedType(typeof(ToolUnknown), "tool.unknown")]
[JsonDerivedType(typeof(ApprovalRequested), "approval.requested")]
[JsonDerivedType(typeof(ApprovalDecided), "approval.decided")]
[JsonDerivedType(typeof(QuestionAsked), "question.asked")]
[JsonDerivedType(typeof(QuestionAnswered), "question.answered")]
[JsonDerivedType(typeof(MessageReceived), "message.received")]
[JsonDerivedType(typeof(TimerFired), "timer.fired")]
[JsonDerivedType(typeof(CancelRequested), "cancel.requested")]
[JsonDerivedType(typeof(GoalEnded), "goal.ended")]
public abstract record GoalEvent;

/// <summary>The goal exists. Always sequence 1.</summary>
public sealed record GoalSubmitted(GoalId Goal, GoalSpec Spec) : GoalEvent;

/// <summary>A valid plan is in force. Version n replaces version n-1; steps that ended keep their results.</summary>
/// <param name="Usage">What making it cost; null when no model was asked.</param>
public sealed record PlanAccepted(Plan Plan, Usage? Usage = null) : GoalEvent;

/// <summary>No proposer found a valid plan.</summary>
/// <param name="Version">The version that was being planned.</param>
/// <param name="Errors">What the validator said, in order.</param>
public sealed record PlanRejected(int Version, IReadOnlyList<string> Errors, Usage? Usage = null) : GoalEvent;

/// <summary>A new plan version is wanted.</summary>
public sealed record ReplanRequested(int Version, Rationale Why) : GoalEvent;

public sealed record StepStarted(StepId Step, int Attempt, AgentId Agent) : GoalEvent;

/// <param name="Tier">Who answered: <c>rules</c>, or the model's name.</param>
/// <param name="Confidence">0..1, as the agent judged its own result.</param>
public sealed record StepCompleted(StepId Step, int Attempt, Artifact Artifact, double Confidence, string Tier, Rationale Why) : GoalEvent;

/// <summary>What kind of failure: decides between retry, replan and stop.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FailureKind>))]
public enum FailureKind
{
    /// <summary>May pass by itself: a timeout, a service that is down.</summary>
    Transient,

    /// <summary>Will be the same next time: bad input, a refused call.</summary>
    Permanent,

    /// <summary>The goal's budget does not allow the next call.</summary>
    Budget,

    /// <summary>The attempt ran past its time.</summary>
    Timeout,
}

public sealed record StepFailed(StepId Step, int Attempt, FailureKind Kind, string Error, Rationale? Why = null) : GoalEvent;

public sealed record StepSkipped(StepId Step, string Reason) : GoalEvent;

/// <param name="DueAt">When the next attempt starts.</param>
public sealed record RetryScheduled(StepId Step, int NextAttempt, DateTimeOffset DueAt) : GoalEvent;

/// <summary>An agent asked for helpers: the steps join the plan, and the parent runs again once they ended.</summary>
public sealed record StepsSpawned(StepId Parent, int Attempt, IReadOnlyList<PlanStep> Steps, Rationale Why) : GoalEvent;

/// <summary>An attempt let go of its agent until something outside happens; the recorded calls bring it back to the same place.</summary>
/// <param name="On">The approval or question that it waits for.</param>
public sealed record StepSuspended(StepId Step, int Attempt, RequestId On) : GoalEvent;

/// <summary>A model answered. On resume the answer is taken from here and the model is not asked again.</summary>
/// <param name="Response">The assistant's messages; a bare string for one message of plain text.</param>
public sealed record ModelCalled(StepId Step, int Attempt, CallId Call, string Model, string RequestHash, JsonElement Response, Usage Usage) : GoalEvent;

/// <summary>A tool with an effect is about to run. Durable before it does.</summary>
/// <param name="Arguments">Canonical JSON.</param>
/// <param name="Key">The idempotency key, the same in every retry.</param>
public sealed record ToolClaimed(StepId Step, int Attempt, CallId Call, string Tool, ToolEffect Effect, JsonElement Arguments, string Key) : GoalEvent;

/// <summary>A tool call's receipt. For a pure tool it is the call's only event.</summary>
/// <param name="Result">What the tool returned; null when <paramref name="Error"/> says why not.</param>
/// <param name="Reconciled">True when a reconcile probe or a person found the result of an unknown call.</param>
public sealed record ToolReturned(
    StepId Step, int Attempt, CallId Call, string Tool, JsonElement Arguments, JsonElement? Result, string? Error, Trust Trust, double Seconds,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Reconciled = false) : GoalEvent;

/// <summary>A claimed <c>once</c> call has no receipt and no probe could tell: a person must.</summary>
public sealed record ToolUnknown(StepId Step, CallId Call, string Tool, string Reason) : GoalEvent;

/// <summary>A person's consent is needed for one exact call.</summary>
/// <param name="Arguments">Canonical JSON: the approval is for exactly these.</param>
/// <param name="PlanVersion">The approval is void under another plan version.</param>
/// <param name="Untrusted">Argument paths whose values derive from untrusted text.</param>
/// <param name="Why">Why consent is needed.</param>
public sealed record ApprovalRequested(
    RequestId Request, StepId Step, CallId Call, string Tool, JsonElement Arguments, int PlanVersion, IReadOnlyList<string> Untrusted, string Why) : GoalEvent;

[JsonConverter(typeof(JsonStringEnumConverter<ApprovalVerdict>))]
public enum ApprovalVerdict
{
    Approved,
    Rejected,

    /// <summary>Approved with other arguments.</summary>
    Edited,

    /// <summary>No longer asked: the step or the plan it was for is gone.</summary>
    Withdrawn,
}

/// <param name="Arguments">The new arguments, for <see cref="ApprovalVerdict.Edited"/>.</param>
public sealed record ApprovalDecided(RequestId Request, ApprovalVerdict Verdict, string By, string? Reason = null, JsonElement? Arguments = null) : GoalEvent;

/// <param name="Step">The step that asks; null when the orchestrator does.</param>
/// <param name="Choices">Answers that are taken; empty means free text.</param>
/// <param name="Call">The unknown tool call that the question is about, if any.</param>
public sealed record QuestionAsked(RequestId Request, StepId? Step, string Question, IReadOnlyList<string> Choices, CallId? Call = null) : GoalEvent;

public sealed record QuestionAnswered(RequestId Request, string By, string Answer) : GoalEvent;

/// <summary>A person told the goal something new.</summary>
public sealed record MessageReceived(string By, string Text) : GoalEvent;

/// <param name="Timer">The name the machine gave it when it asked for it.</param>
public sealed record TimerFired(string Timer) : GoalEvent;

public sealed record CancelRequested(string By, string Reason) : GoalEvent;

/// <summary>The goal is over. Always the last event.</summary>
/// <param name="Status">Completed, Failed or Cancelled.</param>
/// <param name="Result">Ids of the artifacts that are the result, most wanted first.</param>
public sealed record GoalEnded(GoalStatus Status, string Reason, IReadOnlyList<ArtifactId> Result) : GoalEvent;

/// <summary>A fact with its place and time in the journal.</summary>
/// <param name="Sequence">1, 2, 3, … without gaps.</param>
public sealed record JournalEntry(long Sequence, DateTimeOffset At, GoalEvent Event);
