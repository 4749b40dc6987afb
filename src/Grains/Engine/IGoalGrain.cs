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

    /// <summary>Takes the goal up from its journal, and makes sure that its attempts are under way.</summary>
    [Alias("wake")]
    Task Wake();
}
