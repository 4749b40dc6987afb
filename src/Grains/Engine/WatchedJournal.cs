using AgentMesh.Contracts;
using AgentMesh.Runtime;

namespace AgentMesh.Grains.Engine;

/// <summary>The journal as this silo writes it: says when the silo has lost the right to.</summary>
internal sealed class WatchedJournal(IJournal inner, Action<RetiredWriterException> retired) : IJournal
{
    public async ValueTask Append(JournalAppend append, CancellationToken ct = default)
    {
        try
        {
            await inner.Append(append, ct);
        }
        catch (RetiredWriterException e)
        {
            retired(e);
            throw;
        }
    }

    public Task<IReadOnlyList<JournalEntry>> Read(GoalId goal, long after = 0, CancellationToken ct = default) => inner.Read(goal, after, ct);

    public Task<IReadOnlyList<GoalId>> Unfinished(CancellationToken ct = default) => inner.Unfinished(ct);

    public Task<IReadOnlyList<GoalId>> Due(DueQuery query, CancellationToken ct = default) => inner.Due(query, ct);

    public Task<IReadOnlyList<GoalSummary>> List(GoalQuery query, CancellationToken ct = default) => inner.List(query, ct);
}
