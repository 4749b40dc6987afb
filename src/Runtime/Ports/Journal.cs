using AgentMesh.Contracts;

namespace AgentMesh.Runtime;

/// <summary>The append-only events of every goal: the only truth.</summary>
public interface IJournal
{
    /// <summary>
    /// Appends entries behind <see cref="JournalAppend.Expected"/>. Durable (fsync) when it returns, all entries or none. Appends of different
    /// goals share commits; a goal has at most one append under way. When the store is away the call waits for it within the implementation's
    /// documented patience, and an append whose answer was lost is recognised as its own when it is tried again.
    /// </summary>
    /// <exception cref="StaleWriterException">Somebody else appended first: the caller no longer owns the goal and must reload.</exception>
    /// <exception cref="RetiredWriterException">The writer was retired (<see cref="IWriterRegistry"/>): it may not write to any goal, ever again.</exception>
    /// <exception cref="JournalUnavailableException">The store stayed away, or is full.</exception>
    ValueTask Append(JournalAppend append, CancellationToken ct = default);

    /// <summary>The entries after a sequence, in order; empty for an unknown goal.</summary>
    Task<IReadOnlyList<JournalEntry>> Read(GoalId goal, long after = 0, CancellationToken ct = default);

    /// <summary>Ids of all goals that have not ended, oldest first.</summary>
    Task<IReadOnlyList<GoalId>> Unfinished(CancellationToken ct = default);

    /// <summary>The goals that an engine must have awake, smallest id first. Several sweepers share the work by asking for a bucket each.</summary>
    Task<IReadOnlyList<GoalId>> Due(DueQuery query, CancellationToken ct = default);

    /// <summary>By time of submission, newest first.</summary>
    Task<IReadOnlyList<GoalSummary>> List(GoalQuery query, CancellationToken ct = default);
}

/// <param name="Expected">The sequence of the goal's last entry as the caller knows it; 0 for a new goal.</param>
/// <param name="Entries">Sequences <c>Expected + 1</c>… without gaps; at least one.</param>
/// <param name="Summary">The goal's new line in the list, written with the same commit; null when it did not change.</param>
/// <param name="Writer">Names the writer (a host's life), so that a lost answer is told from a stale owner.</param>
public sealed record JournalAppend(GoalId Goal, long Expected, IReadOnlyList<JournalEntry> Entries, GoalSummary? Summary, string Writer);

/// <summary>What has to move: goals that have not ended and do not wait for a person, and those that do but whose deadline comes.</summary>
/// <param name="Until">A waiting goal is due when its deadline is at or before this time.</param>
/// <param name="Bucket">0 to <c>Buckets - 1</c>: each goal is in exactly one, always the same for the same number of buckets.</param>
/// <param name="After">Only goals with a larger id: the last one of the previous page.</param>
public sealed record DueQuery(DateTimeOffset Until, int Bucket = 0, int Buckets = 1, int Limit = 1000, GoalId? After = null);

/// <summary>The goal's journal has moved on: this writer's view is stale.</summary>
public class StaleWriterException : Exception
{
    public StaleWriterException(GoalId goal, long expected) : this(goal, $"Goal {goal.Value} has entries after {expected}: another writer owns it now.")
    {
    }

    protected StaleWriterException(GoalId goal, string message) : base(message) => Goal = goal;

    public GoalId Goal { get; }
}

/// <summary>The journal cannot be written or read at present; nothing that was acknowledged is lost.</summary>
public sealed class JournalUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
