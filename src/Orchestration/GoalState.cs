using System.Collections.Immutable;
using System.Text.Json;
using AgentMesh.Contracts;

namespace AgentMesh.Orchestration;

/// <summary>Everything that the journal says of one goal so far. Immutable; made only by <see cref="GoalMachine"/>.</summary>
public sealed record GoalState
{
    public required GoalId Goal { get; init; }
    public required GoalSpec Spec { get; init; }
    public required DateTimeOffset SubmittedAt { get; init; }

    /// <summary>Sequence and time of the last entry.</summary>
    public required long Sequence { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }

    public ImmutableArray<Plan> Plans { get; init; } = [];

    /// <summary>The plan version that is being made; 0 when none is.</summary>
    public int Planning { get; init; }
    public Rationale? PlanningWhy { get; init; }

    /// <summary>What happened while a plan was being made, so that it needs another look once it is in force.</summary>
    public Rationale? Overtaken { get; init; }

    /// <summary>How many further versions were asked for.</summary>
    public int Replans { get; init; }

    /// <summary>All steps of all versions and all spawned ones, in order of appearance.</summary>
    public ImmutableArray<StepState> Steps { get; init; } = [];
    public ImmutableArray<Artifact> Artifacts { get; init; } = [];
    public ImmutableArray<PersonRequest> Requests { get; init; } = [];
    public ImmutableArray<string> Messages { get; init; } = [];
    public ImmutableArray<string> Warnings { get; init; } = [];
    public Usage Usage { get; init; } = Usage.None;

    /// <summary>The same by model, in the order of their first calls.</summary>
    public ImmutableArray<ModelUsage> Spent { get; init; } = [];

    /// <summary>Set when the end is decided but running steps have not let go yet.</summary>
    public GoalEnded? Ending { get; init; }

    /// <summary>Set when the goal is over.</summary>
    public GoalEnded? Ended { get; init; }
    public DateTimeOffset? EndedAt { get; init; }

    public Plan? Plan => Plans.IsEmpty ? null : Plans[^1];
    public int PlanVersion => Plan?.Version ?? 0;

    public GoalStatus Status
    {
        get
        {
            if (Ended is { } ended) return ended.Status;
            if (Steps.Any(s => s.Status is StepStatus.Running or StepStatus.BackingOff)) return GoalStatus.Running;
            if (Planning > 0) return Plan is null ? GoalStatus.Planning : GoalStatus.Running;
            return Requests.Any(r => r.IsOpen) ? GoalStatus.Waiting : GoalStatus.Running;
        }
    }

    public StepState? Step(StepId id)
    {
        foreach (var step in Steps)
            if (step.Id == id) return step;
        return null;
    }

    public Artifact? Artifact(ArtifactId id)
    {
        foreach (var artifact in Artifacts)
            if (artifact.Id == id) return artifact;
        return null;
    }

    public PersonRequest? Request(RequestId id)
    {
        foreach (var request in Requests)
            if (request.Id == id) return request;
        return null;
    }

    /// <param name="model">Null for a tool, or where nobody says which.</param>
    internal GoalState Spend(string? model, Usage usage)
    {
        var at = 0;
        while (at < Spent.Length && Spent[at].Model != model) at++;
        return this with
        {
            Usage = Usage + usage, Spent = at == Spent.Length ? Spent.Add(new(model, usage)) : Spent.SetItem(at, new(model, Spent[at].Usage + usage)),
        };
    }

    internal GoalState With(StepState step)
    {
        for (var i = 0; i < Steps.Length; i++)
            if (Steps[i].Id == step.Id) return this with { Steps = Steps.SetItem(i, step) };
        return this with { Steps = Steps.Add(step) };
    }

    internal GoalState With(PersonRequest request)
    {
        for (var i = 0; i < Requests.Length; i++)
            if (Requests[i].Id == request.Id) return this with { Requests = Requests.SetItem(i, request) };
        return this with { Requests = Requests.Add(request) };
    }
}

/// <summary>One step as the journal tells it.</summary>
public sealed record StepState(PlanStep Definition, int PlanVersion)
{
    public StepId Id => Definition.Id;
    public StepStatus Status { get; init; } = StepStatus.Pending;

    /// <summary>The attempt that runs, waits or ended last; 0 before the first.</summary>
    public int Attempt { get; init; }
    public AgentId? Agent { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>The journal's sequence at which the step last began to run, or went on after a wait.</summary>
    public long RunningSince { get; init; }

    /// <summary>What a suspended step waits for.</summary>
    public RequestId? WaitsFor { get; init; }
    public string? Error { get; init; }
    public string? Tier { get; init; }
    public double? Confidence { get; init; }
    public Rationale? Why { get; init; }

    /// <summary>All calls of all attempts, in the order they were made.</summary>
    public ImmutableArray<CallState> Calls { get; init; } = [];

    public bool IsOver => Status is StepStatus.Completed or StepStatus.Failed or StepStatus.Skipped or StepStatus.Cancelled;

    public CallState? Call(CallId id)
    {
        foreach (var call in Calls)
            if (call.Id == id) return call;
        return null;
    }

    internal StepState With(CallState call)
    {
        for (var i = 0; i < Calls.Length; i++)
            if (Calls[i].Id == call.Id) return this with { Calls = Calls.SetItem(i, call) };
        return this with { Calls = Calls.Add(call) };
    }
}

public enum CallStatus
{
    /// <summary>Claimed: it may or may not have run.</summary>
    Claimed,
    Returned,
    Failed,

    /// <summary>Nobody but a person can tell whether it took effect.</summary>
    Unknown,
}

/// <summary>One model or tool call.</summary>
/// <param name="Name">The tool's name, or the model's for a model call.</param>
/// <param name="Key">Idempotency key; null for a pure tool or a model call.</param>
/// <param name="RequestHash">What a model was asked; null for a tool.</param>
public sealed record CallState(CallId Id, int Attempt, bool IsModel, string Name, ToolEffect Effect, JsonElement? Arguments, string? Key, string? RequestHash)
{
    public CallStatus Status { get; init; }

    /// <summary>The tool's result or the model's message.</summary>
    public JsonElement? Result { get; init; }
    public string? Error { get; init; }
    public Trust Trust { get; init; }
    public double Seconds { get; init; }
}

/// <summary>Something asked of a person: exactly one of the two is set.</summary>
public sealed record PersonRequest(RequestId Id, ApprovalRequested? Approval, QuestionAsked? Question)
{
    public ApprovalDecided? Decision { get; init; }
    public QuestionAnswered? Answer { get; init; }
    public bool Withdrawn { get; init; }
    public bool IsOpen => Decision is null && Answer is null && !Withdrawn;
    public StepId? Step => Approval?.Step ?? Question?.Step;
}
