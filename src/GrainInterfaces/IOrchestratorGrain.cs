using AgentMesh.Contracts;

namespace AgentMesh.GrainInterfaces;

/// <summary>
/// The orchestrator of one goal; its key is the goal's id. Every call throws <see cref="MeshException"/> with the codes of <see cref="IMesh"/>.
/// A call that ends with a silo's death may or may not have been taken: make it again, nothing happens twice.
/// </summary>
[Alias("agentmesh.orchestrator")]
public interface IOrchestratorGrain : IGrainWithStringKey
{
    /// <summary>Accepts the goal. When this returns, it is in the journal. A repeated submit of the same goal changes nothing.</summary>
    [Alias("submit")]
    Task Submit(GoalSpec spec, CancellationToken ct = default);

    [Alias("get")]
    Task<GoalView> Get(CancellationToken ct = default);

    /// <summary>Waits until the goal is over or only a person can move it.</summary>
    /// <returns>Null when the patience ended first.</returns>
    /// <param name="patience">At most 25 seconds.</param>
    [Alias("wait")]
    Task<GoalView?> Wait(TimeSpan patience, CancellationToken ct = default);

    /// <summary>The journal after a sequence, in order without gap or repeat; with <paramref name="follow"/> until the goal ends.</summary>
    [Alias("events")]
    IAsyncEnumerable<JournalEntry> Events(long after, bool follow, CancellationToken ct = default);

    [Alias("decide")]
    Task Decide(ApprovalDecided decision, CancellationToken ct = default);

    [Alias("answer")]
    Task Answer(QuestionAnswered answer, CancellationToken ct = default);

    [Alias("tell")]
    Task Tell(MessageReceived message, CancellationToken ct = default);

    [Alias("cancel")]
    Task Cancel(CancelRequested request, CancellationToken ct = default);

    /// <summary>What to submit so that a new goal goes on from a step of this one: see <see cref="IMesh.Fork"/>. Changes nothing.</summary>
    [Alias("fork")]
    Task<GoalSpec> Fork(ForkRequest request, CancellationToken ct = default);

    /// <summary>
    /// Tells an observer of each append from now on, as a hint: what was missed (gaps show in the sequences) is read from <see cref="Events"/>.
    /// The subscription ends with the goal, with the orchestrator's silo, or after five minutes: renew it by calling again.
    /// </summary>
    [Alias("observe")]
    Task Observe(IGoalObserver observer);

    [Alias("unobserve")]
    Task Unobserve(IGoalObserver observer);
}

/// <summary>Hears of a goal's progress.</summary>
[Alias("agentmesh.goal-observer")]
public interface IGoalObserver : IGrainObserver
{
    /// <summary>One append, in order.</summary>
    [Alias("appended")]
    Task Appended(GoalId goal, IReadOnlyList<JournalEntry> entries);
}

/// <summary>What is not about one goal. Any key; each silo answers for itself.</summary>
[Alias("agentmesh.mesh")]
public interface IMeshGrain : IGrainWithIntegerKey
{
    /// <summary>Accepts a goal under a new id.</summary>
    [Alias("submit")]
    Task<GoalId> Submit(GoalSpec spec, CancellationToken ct = default);

    /// <summary>Newest first.</summary>
    [Alias("list")]
    Task<IReadOnlyList<GoalSummary>> List(GoalQuery query, CancellationToken ct = default);
}
