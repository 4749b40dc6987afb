using AgentMesh.Inference.Remote;

namespace AgentMesh.Inference.Routing;

/// <param name="Model">Asked for where a call names none.</param>
/// <param name="Tenant">For whom the calls are.</param>
public sealed record RoutedOptions(string Model, string Tenant)
{
    public InferencePriority Priority { get; init; } = InferencePriority.Normal;

    /// <summary>Requests that a device may have begun, in one call. A refusal (queue full, draining) is none. Default: 5.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>How long one call waits, all in all, while no device takes it. Default: 60s, in which a silo restarts.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Limit of a call with all its attempts and waits. Default: 5m, as <c>AGENTMESH_MODEL_TOTAL_TIMEOUT</c>.</summary>
    public TimeSpan Total { get; init; } = TimeSpan.FromMinutes(5);
}
