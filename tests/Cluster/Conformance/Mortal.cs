using AgentMesh.Contracts;
using AgentMesh.EngineConformance;
using AgentMesh.Runtime;

namespace AgentMesh.Cluster;

/// <summary>A cluster's life as its silos see it: when it has ended, nothing of it reaches the journal or the world, as nothing of a dead process does.</summary>
internal sealed class Life : IDisposable
{
    private readonly ReaderWriterLockSlim gate = new();
    private readonly CancellationTokenSource over = new();
    private volatile bool dead;

    public CancellationToken Over => over.Token;

    /// <summary>Ends it; whatever was being done is done when this returns.</summary>
    public void End()
    {
        gate.EnterWriteLock();
        dead = true;
        gate.ExitWriteLock();
        over.Cancel();
    }

    /// <summary>Does what a dead process does not do.</summary>
    public T Do<T>(Func<T> act)
    {
        gate.EnterReadLock();
        try
        {
            return dead ? throw new JournalUnavailableException("This life has ended.") : act();
        }
        finally
        {
            gate.ExitReadLock();
        }
    }

    public void Dispose()
    {
        gate.Dispose();
        over.Dispose();
    }
}

internal sealed class MortalJournal(IJournal inner, Life life) : IJournal
{
    public ValueTask Append(JournalAppend append, CancellationToken ct = default) => life.Do(() => inner.Append(append, ct));

    public Task<IReadOnlyList<JournalEntry>> Read(GoalId goal, long after = 0, CancellationToken ct = default) => life.Do(() => inner.Read(goal, after, ct));

    public Task<IReadOnlyList<GoalId>> Unfinished(CancellationToken ct = default) => life.Do(() => inner.Unfinished(ct));

    public Task<IReadOnlyList<GoalId>> Due(DueQuery query, CancellationToken ct = default) => life.Do(() => inner.Due(query, ct));

    public Task<IReadOnlyList<GoalSummary>> List(GoalQuery query, CancellationToken ct = default) => life.Do(() => inner.List(query, ct));
}

internal sealed class MortalWorld(IWorld inner, Life life) : IWorld
{
    public Task Arrive(string place, CancellationToken ct) => life.Do(() => inner.Arrive(place, ct));

    public async Task Pass(string gate, CancellationToken ct)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, life.Over);
        await life.Do(() => inner.Pass(gate, either.Token));
    }

    public Task Do(string key, string tool, string text, CancellationToken ct) => life.Do(() => inner.Do(key, tool, text, ct));

    public Task<bool> Happened(string key, CancellationToken ct) => life.Do(() => inner.Happened(key, ct));
}
