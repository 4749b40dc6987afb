using AgentMesh.Contracts;

namespace AgentMesh.Cli.Remote;

/// <summary>The machines behind a server.</summary>
internal sealed class HttpOperations(ServerClient server) : IOperations
{
    public Task<ClusterView> Status(CancellationToken ct = default) => server.Get("v1/cluster", MeshJson.Default.ClusterView, ct);

    public Task Drain(string silo, CancellationToken ct = default) =>
        server.Post($"v1/cluster/silos/{Uri.EscapeDataString(silo)}/drain", new CancelRequest(), RemoteJson.Default.CancelRequest, mayRepeat: true, ct);

    public Task<ActivityView> Activity(TimeSpan window, CancellationToken ct = default) => server.Get($"v1/activity?window={(int)window.TotalSeconds}", MeshJson.Default.ActivityView, ct);
}
