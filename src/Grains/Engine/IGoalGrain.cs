using AgentMesh.Contracts;

namespace AgentMesh.Grains.Engine;

/// <summary>The orchestrator as the rest of the engine reaches it.</summary>
[Alias("agentmesh.goal")]
internal interface IGoalGrain : IGrainWithStringKey
{
    /// <inheritdoc cref="Runtime.IGoalHost.Post" path="/summary|/returns"/>
    /// <exception cref="MeshException">Code <c>journal-unavailable</c> or <c>not-owner</c>.</exception>
    [Alias("deliver")]
    Task<string?> Deliver(IReadOnlyList<GoalEvent> events);

    /// <summary>Submits under an id that was made for this call, so that no journal can exist.</summary>
    [Alias("submit-new")]
    Task SubmitNew(GoalSpec spec, CancellationToken ct);

    /// <summary>Reserves a call of an attempt that runs on another silo from the goal's budget. Repeating it reserves nothing more.</summary>
    /// <param name="call">The reservation's name, the caller's choice and unique in the cluster.</param>
    /// <returns>Null when it is reserved; else why the budget does not allow it.</returns>
    /// <exception cref="MeshException">Code <c>not-owner</c>: no attempt of this goal runs.</exception>
    [Alias("reserve")]
    Task<string?> Reserve(string call, Usage most);

    /// <summary>What a reserved call did cost.</summary>
    [Alias("settle")]
    Task Settle(string call, Usage actual);

    /// <returns>Null without a limit.</returns>
    [Alias("tokens-left")]
    Task<long?> TokensLeft();

    /// <summary>Takes the goal up from its journal, and makes sure that its attempts are under way.</summary>
    [Alias("wake")]
    Task Wake();
}
