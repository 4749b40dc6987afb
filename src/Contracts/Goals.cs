using System.Text.Json.Serialization;

namespace AgentMesh.Contracts;

/// <summary>What happens when a tool call needs a person's consent.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ApprovalMode>))]
public enum ApprovalMode
{
    /// <summary>The goal waits for a person.</summary>
    Ask,

    /// <summary>The submitter consents in advance, to every call of this goal.</summary>
    Auto,

    /// <summary>Such a call is refused and the step told so.</summary>
    Never,
}

/// <summary>What a goal may spend. Null means no limit of that kind. Reserved before each call, settled after it.</summary>
public sealed record Budget
{
    public int? ModelCalls { get; init; }

    /// <summary>Prompt and answer tokens together.</summary>
    public long? Tokens { get; init; }
    public int? ToolCalls { get; init; }

    /// <summary>In the currency that the model's prices are configured in.</summary>
    public decimal? Cost { get; init; }

    /// <summary>Seconds of model and tool time added up over all steps; waiting for people is free.</summary>
    public double? Seconds { get; init; }

    public static readonly Budget Unlimited = new();
}

/// <summary>Bounds that a goal is held to. The defaults keep any goal from running for ever.</summary>
public sealed record GoalConstraints
{
    public Budget Budget { get; init; } = Budget.Unlimited;

    /// <summary>Wall-clock time from submission to end, waiting included; null for none.</summary>
    public TimeSpan? Timeout { get; init; }
    public ApprovalMode Approvals { get; init; } = ApprovalMode.Ask;

    /// <summary>Steps over all plan versions, spawned ones included.</summary>
    public int MaxSteps { get; init; } = 48;
    public int MaxReplans { get; init; } = 3;

    /// <summary>How deep agents may spawn agents; a planned step is at depth 1.</summary>
    public int MaxDepth { get; init; } = 3;

    /// <summary>The only tools this goal may use; null leaves it to mesh, role and step.</summary>
    public IReadOnlyList<string>? Tools { get; init; }
}

/// <summary>What a user submits, after attachments were read.</summary>
public sealed record GoalSpec
{
    public required string Text { get; init; }
    public string Tenant { get; init; } = "default";

    /// <summary>Who submitted it, as the surface knows them.</summary>
    public string SubmittedBy { get; init; } = "local";
    public IReadOnlyList<Artifact> Inputs { get; init; } = [];

    /// <summary>Artifact kinds that the result must hold; empty lets the planner decide from the text.</summary>
    public IReadOnlyList<string> Wants { get; init; } = [];

    /// <summary>The playbook to follow; null lets the planner choose.</summary>
    public string? Playbook { get; init; }

    /// <summary>Knowledge collections that retrieval may search; empty means all of the tenant's.</summary>
    public IReadOnlyList<string> Knowledge { get; init; } = [];
    public GoalConstraints Constraints { get; init; } = new();

    /// <summary>What the goal goes on from; null for one that begins at the beginning.</summary>
    public GoalFork? Fork { get; init; }

    /// <summary>The W3C <c>traceparent</c> of the submit; null where nobody traced it. See <see cref="GoalTrace"/>.</summary>
    public string? Trace { get; init; }
}

/// <summary>A place in another goal: what was over there before the step is given, and everything from the step on is done anew, under keys of its own.</summary>
/// <param name="Goal">The goal that was forked.</param>
/// <param name="Step">The step that is done anew, with all that depend on it.</param>
/// <param name="Plan">The plan to go on with, as version 1.</param>
/// <param name="Done">The plan's steps that are over.</param>
/// <param name="Artifacts">What those steps made, and their helpers.</param>
public sealed record GoalFork(GoalId Goal, StepId Step, Plan Plan, IReadOnlyList<StepDone> Done, IReadOnlyList<Artifact> Artifacts);

/// <summary>A step that was over when its goal was forked.</summary>
/// <param name="Without">Why it is over without an artifact; null when it has made one.</param>
public sealed record StepDone(StepId Step, string? Tier, double? Confidence, Rationale? Why, string? Without = null);

/// <summary>How a goal is to be forked: the new one has its spec, but for what is given here.</summary>
/// <param name="From">The step that is done anew.</param>
/// <param name="By">Who asks for it.</param>
/// <param name="Instruction">What that step is told instead; null for what it was told before.</param>
/// <param name="Constraints">Null for those of the forked goal. A timeout counts from now, and nothing is spent yet.</param>
public sealed record ForkRequest(StepId From, string By, string? Instruction = null, GoalConstraints? Constraints = null);

/// <summary>Where a goal stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<GoalStatus>))]
public enum GoalStatus
{
    Planning,
    Running,

    /// <summary>Nothing moves until a person answers; costs nothing meanwhile.</summary>
    Waiting,
    Completed,
    Failed,
    Cancelled,
}

/// <summary>What was spent so far.</summary>
/// <param name="Seconds">Model and tool time added up.</param>
public sealed record Usage(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int ModelCalls,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long InputTokens,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long OutputTokens,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int ToolCalls,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] decimal Cost,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] double Seconds)
{
    public static readonly Usage None = new(0, 0, 0, 0, 0m, 0);

    [JsonIgnore]
    public long Tokens => InputTokens + OutputTokens;

    public static Usage operator +(Usage a, Usage b) => Add(a, b);

    public static Usage Add(Usage a, Usage b) => new(
        a.ModelCalls + b.ModelCalls, a.InputTokens + b.InputTokens, a.OutputTokens + b.OutputTokens,
        a.ToolCalls + b.ToolCalls, a.Cost + b.Cost, a.Seconds + b.Seconds);
}
