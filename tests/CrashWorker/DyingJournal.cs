using System.Diagnostics;
using AgentMesh.Contracts;
using AgentMesh.Runtime;

namespace AgentMesh.CrashWorker;

/// <summary>Kills its own process (SIGKILL) at the n-th append: before it is sent, while it is under way, or after it is durable but before anyone hears.</summary>
internal sealed class DyingJournal(IJournal inner, int at, string when) : IJournal
{
    private int appends;

    public async ValueTask Append(JournalAppend append, CancellationToken ct = default)
    {
        var dies = Interlocked.Increment(ref appends) == at;
        if (dies && when == "before") Die();
        var writing = inner.Append(append, ct).AsTask();
        if (dies && when == "during")
        {
            // Long enough for the bytes to leave, too short to wait for an answer that takes an fsync.
            Thread.SpinWait(2_000);
            Die();
        }

        await writing;
        if (dies) Die();
    }

    public Task<IReadOnlyList<JournalEntry>> Read(GoalId goal, long after = 0, CancellationToken ct = default) => inner.Read(goal, after, ct);

    public Task<IReadOnlyList<GoalId>> Unfinished(CancellationToken ct = default) => inner.Unfinished(ct);

    public Task<IReadOnlyList<GoalId>> Due(DueQuery query, CancellationToken ct = default) => inner.Due(query, ct);

    public Task<IReadOnlyList<GoalSummary>> List(GoalQuery query, CancellationToken ct = default) => inner.List(query, ct);

    private static void Die()
    {
        Process.GetCurrentProcess().Kill();
        Thread.Sleep(Timeout.Infinite); // The signal is on its way.
    }
}
