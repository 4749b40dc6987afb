using System.Net;
using AgentMesh.GrainInterfaces;
using AgentMesh.GrainInterfaces.Security;

namespace AgentMesh.Samples.DirectCall;

/// <summary>How this service finds the cluster: by the database that lists the silos, or by addresses.</summary>
internal static class Connection
{
    /// <exception cref="FormatException">A setting has a value that cannot be used.</exception>
    public static void Configure(IClientBuilder client, Func<string, string?> setting)
    {
        var cluster = setting("AGENTMESH_CLUSTER") is { Length: > 0 } chosen ? chosen : MeshClientHosting.DefaultCluster;
        client.AddAgentMeshClient(cluster).AddAgentMeshSecurity(MeshClientSecurity.FromSettings(setting, cluster));
        if (setting("AGENTMESH_POSTGRES") is { Length: > 0 } postgres)
            client.UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = ("Npgsql", postgres));
        else
            client.UseStaticClustering(Gateways(setting("AGENTMESH_GATEWAYS") is { Length: > 0 } list ? list : "127.0.0.1:30000"));
    }

    private static IPEndPoint[] Gateways(string list) =>
        [.. list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(text => IPEndPoint.TryParse(text, out var address) && address.Port > 0
            ? address
            : throw new FormatException($"AGENTMESH_GATEWAYS has {text}; it takes addresses with ports: 10.0.0.5:30000,10.0.0.6:30000."))];
}
