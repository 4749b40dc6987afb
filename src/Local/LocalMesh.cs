using AgentMesh.Contracts;
using AgentMesh.Runtime;

namespace AgentMesh.Local;

/// <summary>The mesh in this process.</summary>
public sealed class LocalMesh(LocalEngine engine, IJournal journal, MeshCatalogue catalogue, IGoalIds ids) : IMesh
{
    private readonly GoalDesk desk = new(engine, journal, catalogue);

    public async Task<GoalId> Submit(GoalSpec spec, GoalId? goal = null, CancellationToken ct = default)
    {
        if (SubmissionCheck.Error(spec, catalogue) is { } error) throw error;
        var id = goal ?? ids.Next();
        using var span = GoalTrace.Submit(spec, out var traced);
        try
        {
            var refusal = await engine.Submit(id, traced, isNew: goal is null, ct);
            if (refusal is not null && goal is null) throw new MeshException("submit-refused", refusal);
            return id;
        }
        catch (JournalUnavailableException e)
        {
            throw new MeshException("journal-unavailable", $"The goal was not accepted: {e.Message}", e);
        }
    }

    public Task<IReadOnlyList<GoalSummary>> List(GoalQuery query, CancellationToken ct = default) => journal.List(query, ct);

    public Task<GoalView> Get(GoalId goal, CancellationToken ct = default) => desk.Get(goal, ct);

    public IAsyncEnumerable<JournalEntry> Events(GoalId goal, long after = 0, bool follow = false, CancellationToken ct = default) => desk.Events(goal, after, follow, ct);

    public Task<GoalView> Wait(GoalId goal, CancellationToken ct = default) => desk.Wait(goal, ct);

    public Task Decide(GoalId goal, ApprovalDecided decision, CancellationToken ct = default) => desk.Decide(goal, decision, ct);

    public Task Answer(GoalId goal, QuestionAnswered answer, CancellationToken ct = default) => desk.Answer(goal, answer, ct);

    public Task Tell(GoalId goal, MessageReceived message, CancellationToken ct = default) => desk.Tell(goal, message, ct);

    public async Task<GoalId> Fork(GoalId goal, ForkRequest request, GoalId? fork = null, CancellationToken ct = default) => await Submit(await desk.Fork(goal, request, ct), fork, ct);

    public Task Cancel(GoalId goal, CancelRequested request, CancellationToken ct = default) => desk.Cancel(goal, request, ct);
}
