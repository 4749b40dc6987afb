using AgentMesh.Contracts;

namespace AgentMesh.Runtime;

/// <summary>Who may still write to the journal. A host that others declared dead is retired here before they take over its goals.</summary>
public interface IWriterRegistry
{
    /// <summary>
    /// Ends a writer's right to append (<see cref="JournalAppend.Writer"/>). Durable when it returns, and final: no append of that writer to any goal
    /// becomes visible after that, also none that was on its way, so what is read then is all that the writer ever wrote. Doing so twice is no
    /// error; the writer need not be known.
    /// </summary>
    /// <exception cref="JournalUnavailableException">The store stayed away; whether the writer is retired is for a repeat to tell.</exception>
    Task Retire(string writer, CancellationToken ct = default);

    /// <summary>Whether the writer was retired. A host that finds itself so must end: a new life has a new writer.</summary>
    /// <exception cref="JournalUnavailableException">The store stayed away.</exception>
    Task<bool> IsRetired(string writer, CancellationToken ct = default);
}

/// <summary>
/// This writer was retired: others declared its host dead and took over. It is stale for every goal, and reloading does not help. Also the answer
/// to a repeated append that had gone in before: the goal is somebody else's now, who acts on what is stored.
/// </summary>
public sealed class RetiredWriterException(GoalId goal, string writer)
    : StaleWriterException(goal, $"The writer {writer} was retired: others declared its host dead and own its goals, {goal.Value} too. Start the host anew.")
{
    public string Writer { get; } = writer;
}
