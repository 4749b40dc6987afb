using AgentMesh.Contracts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;

namespace AgentMesh.GrainInterfaces;

/// <summary>Makes an Orleans client one that can talk to a mesh.</summary>
public static class MeshClientHosting
{
    /// <summary>The cluster's id where nobody chose another.</summary>
    public const string DefaultCluster = "agentmesh";

    /// <summary>
    /// Adds what every client of a mesh needs: the cluster's id, the wire, <see cref="IMesh"/>, and that calls to agents outlive a silo's stop. How the client finds the silos (a database or
    /// fixed addresses) is left to the caller.
    /// </summary>
    /// <param name="cluster">As <c>AGENTMESH_CLUSTER</c> at the silos. Null leaves the ids as they are configured.</param>
    public static IClientBuilder AddAgentMeshClient(this IClientBuilder client, string? cluster = DefaultCluster)
    {
        if (cluster is not null) client.Services.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (cluster, cluster));
        client.Services.AddAgentMeshWire();
        client.Services.TryAddSingleton(TimeProvider.System);
        client.Services.AddSingleton<IOutgoingGrainCallFilter>(s => new AgentCallsAgain(s.GetRequiredService<TimeProvider>()));
        client.Services.TryAddSingleton<IMesh>(s => new MeshClient(s.GetRequiredService<IGrainFactory>(), s.GetRequiredService<TimeProvider>()));
        return client;
    }
}
