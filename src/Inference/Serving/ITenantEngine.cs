using AgentMesh.Inference.Remote;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Serving;

/// <summary>An engine that shares itself out between tenants. Had from its client by <see cref="IChatClient.GetService"/>.</summary>
public interface ITenantEngine
{
    /// <returns>A client whose calls count for that tenant; cheap, and not to be disposed of.</returns>
    IChatClient For(string tenant, InferencePriority priority);
}
