using System.Text.Json.Serialization;

namespace AgentMesh.Contracts;

/// <summary>How often and how patiently a step is tried again after a failure that may pass.</summary>
/// <param name="MaxAttempts">Tries in all, the first included.</param>
/// <param name="FirstDelay">Before the second try; doubles with each further one.</param>
/// <param name="MaxDelay">No wait is longer.</param>
public sealed record RetryPolicy(int MaxAttempts, TimeSpan FirstDelay, TimeSpan MaxDelay)
{
    public static readonly RetryPolicy Default = new(3, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
    public static readonly RetryPolicy Once = new(1, TimeSpan.Zero, TimeSpan.Zero);
}

/// <summary>One piece of work given to one agent.</summary>
public sealed record PlanStep
{
    public required StepId Id { get; init; }
    public required string Role { get; init; }
    public required string Instruction { get; init; }

    /// <summary>Artifacts this step reads: submitted ones or those of earlier steps. They make the plan's edges.</summary>
    public IReadOnlyList<ArtifactId> Inputs { get; init; } = [];

    /// <summary>The artifact kind it must deliver.</summary>
    public required string Produces { get; init; }

    /// <summary>A condition over artifacts (see <c>Condition</c>); when false the step is skipped, and so are steps that need its artifact.</summary>
    public string? When { get; init; }

    /// <summary>The only tools this step may use, within what mesh and role allow; null means all of the role's.</summary>
    public IReadOnlyList<string>? Tools { get; init; }

    [JsonIgnore]
    public RetryPolicy Retry { get; init; } = RetryPolicy.Default;

    /// <summary>The policy on the wire: left out where it is the default, as in most steps of most plans.</summary>
    [JsonInclude, JsonPropertyName("retry")]
    internal RetryPolicy? OtherRetry
    {
        get => Retry == RetryPolicy.Default ? null : Retry;
        init => Retry = value ?? RetryPolicy.Default;
    }

    /// <summary>Longest time for one attempt, waiting for people excluded; null for the host's default.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>An optional step's failure is noted and the plan goes on without its artifact.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Optional { get; init; }

    /// <summary>The step whose agent spawned this one; null for a planned step.</summary>
    public StepId? Parent { get; init; }

    /// <summary>1 for a planned step, its parent's depth + 1 for a spawned one.</summary>
    public int Depth { get; init; } = 1;
}

/// <summary>A DAG of steps. Replanning makes the next version and says why.</summary>
public sealed record Plan
{
    /// <summary>1 for the first; grows by one with each replan.</summary>
    public required int Version { get; init; }
    public required IReadOnlyList<PlanStep> Steps { get; init; }

    /// <summary>The artifacts that are the goal's result, most wanted first.</summary>
    public IReadOnlyList<ArtifactId> Deliver { get; init; } = [];

    /// <summary>Who proposed it: <c>playbook:NAME</c>, <c>typed</c>, <c>model:NAME</c>.</summary>
    public required string Proposer { get; init; }
    public required Rationale Why { get; init; }
}
