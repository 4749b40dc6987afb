using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentMesh.Contracts;

/// <summary>The one face of the mesh: every surface (CLI, HTTP, grains, tests) uses this and nothing behind it.</summary>
/// <remarks>Calls that name an unknown goal or request throw <see cref="MeshException"/> with a code.</remarks>
public interface IMesh
{
    /// <summary>Accepts a goal. When this returns, the goal is in the journal and will reach an end whatever crashes.</summary>
    /// <param name="goal">A new goal's id, chosen by the caller so that a repeated submit is recognised; null lets the mesh choose.</param>
    Task<GoalId> Submit(GoalSpec spec, GoalId? goal = null, CancellationToken ct = default);

    Task<GoalView> Get(GoalId goal, CancellationToken ct = default);

    /// <summary>By time of submission, newest first.</summary>
    Task<IReadOnlyList<GoalSummary>> List(GoalQuery query, CancellationToken ct = default);

    /// <summary>The journal after <paramref name="after"/>, in order without gap or repeat; with <paramref name="follow"/> it goes on until the goal ends.</summary>
    IAsyncEnumerable<JournalEntry> Events(GoalId goal, long after = 0, bool follow = false, CancellationToken ct = default);

    /// <summary>Waits until the goal is over or only a person can move it.</summary>
    Task<GoalView> Wait(GoalId goal, CancellationToken ct = default);

    /// <summary>Decides an approval. Deciding the same way twice is no error; deciding otherwise is.</summary>
    Task Decide(GoalId goal, ApprovalDecided decision, CancellationToken ct = default);

    Task Answer(GoalId goal, QuestionAnswered answer, CancellationToken ct = default);

    /// <summary>Tells the goal something new; it may replan.</summary>
    Task Tell(GoalId goal, MessageReceived message, CancellationToken ct = default);

    Task Cancel(GoalId goal, CancelRequested request, CancellationToken ct = default);

    /// <summary>
    /// Makes a new goal that goes on from a step of this one, which stays as it is. Steps that do not depend on that step are not done again where they
    /// are over, and so their effects not repeated.
    /// </summary>
    /// <param name="fork">The new goal's id, as for <see cref="Submit"/>.</param>
    /// <exception cref="MeshException">Code <c>step-not-found</c>, or <c>fork-refused</c> when an effect from before the step could happen twice.</exception>
    Task<GoalId> Fork(GoalId goal, ForkRequest request, GoalId? fork = null, CancellationToken ct = default);
}

/// <summary>A call that cannot be served, with what to do about it.</summary>
public sealed class MeshException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Stable, machine-readable: <c>goal-not-found</c>, <c>request-closed</c>, <c>overloaded</c>, …</summary>
    public string Code { get; } = code;
}

/// <param name="Tenant">Null for all.</param>
/// <param name="Statuses">Empty for all.</param>
/// <param name="Before">Only goals that come after this one in the list: the last one of the previous page. After a goal that is not there comes nothing.</param>
/// <param name="Text">Only goals whose text, as the list shows it, contains each of these words (what stands between white space); the case of ASCII letters does not matter.</param>
/// <param name="Since">Only goals that were submitted then or later.</param>
/// <param name="Asking">Only goals that have not ended and ask something of a person.</param>
public sealed record GoalQuery(
    string? Tenant = null, IReadOnlyList<GoalStatus>? Statuses = null, int Limit = 50, GoalId? Before = null,
    string? Text = null, DateTimeOffset? Since = null, bool Asking = false);

/// <summary>One line of the list of goals. Derived from the journal.</summary>
/// <param name="Text">The goal's text, cut to 200 characters.</param>
/// <param name="LastSequence">The journal sequence that this line reflects.</param>
/// <param name="Deadline">When the goal must be over; null where it has all the time there is.</param>
/// <param name="Asks">Approvals and questions that are open.</param>
/// <param name="Spent">By model; null where nothing was spent.</param>
public sealed record GoalSummary(
    GoalId Goal, string Tenant, string Text, GoalStatus Status, DateTimeOffset SubmittedAt, DateTimeOffset UpdatedAt, long LastSequence,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? Deadline = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Asks = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<ModelUsage>? Spent = null);

/// <summary>Everything a person wants to see of a goal. Derived from the journal.</summary>
public sealed record GoalView
{
    public required GoalId Goal { get; init; }
    public required GoalSpec Spec { get; init; }
    public required GoalStatus Status { get; init; }
    public required string Reason { get; init; }
    public required DateTimeOffset SubmittedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public required long LastSequence { get; init; }

    /// <summary>All versions, oldest first.</summary>
    public required IReadOnlyList<Plan> Plans { get; init; }
    public required IReadOnlyList<StepView> Steps { get; init; }
    public required IReadOnlyList<Artifact> Artifacts { get; init; }

    /// <summary>Ids of the artifacts that are the result.</summary>
    public required IReadOnlyList<ArtifactId> Result { get; init; }
    public required IReadOnlyList<ApprovalRequested> OpenApprovals { get; init; }
    public required IReadOnlyList<QuestionAsked> OpenQuestions { get; init; }
    public required Usage Usage { get; init; }

    /// <summary>Answers by tier: <c>rules</c> or the model's name → steps.</summary>
    public required IReadOnlyDictionary<string, int> Tiers { get; init; }
    public required IReadOnlyList<string> Warnings { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<StepStatus>))]
public enum StepStatus
{
    Pending,
    Running,

    /// <summary>Waits for a person.</summary>
    Suspended,

    /// <summary>Waits for its next attempt.</summary>
    BackingOff,

    /// <summary>Waits for the helpers that it spawned.</summary>
    Delegating,
    Completed,
    Failed,
    Skipped,
    Cancelled,
}

/// <summary>One step as it went.</summary>
/// <param name="Calls">Its model and tool calls, in order.</param>
public sealed record StepView(
    StepId Step, int PlanVersion, string Role, string Instruction, string Produces, StepStatus Status, int Attempts, AgentId? Agent, StepId? Parent,
    DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, string? Tier, double? Confidence, string? Error, Rationale? Why, IReadOnlyList<CallView> Calls);

/// <param name="Kind"><c>model</c> or <c>tool</c>.</param>
/// <param name="Name">The model's or the tool's name.</param>
/// <param name="State"><c>claimed</c>, <c>returned</c>, <c>failed</c> or <c>unknown</c>.</param>
public sealed record CallView(CallId Call, string Kind, string Name, string State, JsonElement? Arguments, double Seconds, string? Error);
