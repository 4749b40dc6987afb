using AgentMesh.Contracts;

namespace AgentMesh.Runtime;

/// <summary>
/// Durable mail for the host that runs the goals, from other processes: how <c>agentmesh goal approve</c> in a second terminal reaches a live
/// goal. At least once: an item that was not done when a host stopped comes again to the next one.
/// </summary>
public interface IInbox
{
    /// <summary>Durable when it returns. Whether it applies to the goal is for the receiver to say.</summary>
    Task Post(GoalId goal, GoalEvent @event, CancellationToken ct = default);

    /// <summary>All items that are not done, oldest first, then new ones as they come, each once per enumeration. Goes on, through outages of the store, until cancelled.</summary>
    IAsyncEnumerable<InboxItem> Listen(CancellationToken ct = default);

    /// <summary>The item is dealt with and does not come again. Doing so twice is no error.</summary>
    Task Done(long id, CancellationToken ct = default);
}

/// <param name="Id">Grows with each post.</param>
public sealed record InboxItem(long Id, GoalId Goal, GoalEvent Event, DateTimeOffset PostedAt);
