using AgentMesh.Contracts;

namespace AgentMesh.Runtime;

/// <summary>What an engine offers to the goals it hosts. One per engine; safe for concurrent calls.</summary>
public interface IGoalHost
{
    /// <summary>
    /// Brings events to a goal, in this order and with nothing between them. Completes when they are durable.
    /// </summary>
    /// <returns>Null when all were taken; else why one was refused (those before it were taken, those after it were not).</returns>
    /// <exception cref="JournalUnavailableException">They could not be made durable; whether they are in the journal is for a reload to tell.</exception>
    Task<string?> Post(GoalId goal, IReadOnlyList<GoalEvent> events);

    /// <summary>
    /// Brings an attempt's end, and facts that travel with it. The goal ignores a repeat. Where it wants the attempt but not this end, the attempt
    /// has failed: nobody needs to tell it so.
    /// </summary>
    /// <param name="events">The end last of all.</param>
    /// <param name="seen">The journal's sequence that the attempt's run set out from.</param>
    /// <inheritdoc cref="Post" path="/exception"/>
    Task End(GoalId goal, IReadOnlyList<GoalEvent> events, long seen);

    /// <summary>Brings a <see cref="TimerFired"/> at that time or soon after; at most one timer of a name per goal.</summary>
    void StartTimer(GoalId goal, string timer, DateTimeOffset dueAt);

    /// <summary>Runs work in the background, fairly between tenants and within the host's limit of work at once.</summary>
    void Run(string tenant, Func<CancellationToken, Task> work);

    /// <summary>The goal is over: nothing more will come from it.</summary>
    void Retire(GoalId goal);
}
