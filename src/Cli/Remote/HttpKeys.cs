using AgentMesh.Contracts;

namespace AgentMesh.Cli.Remote;

/// <summary>The API keys of a server.</summary>
internal sealed class HttpKeys(ServerClient server)
{
    public Task<KeyMade> Create(KeyRequest request, CancellationToken ct) =>
        server.Ask("v1/keys", request, RemoteJson.Default.KeyRequest, RemoteJson.Default.KeyMade, ct);

    public Task<IReadOnlyList<KeyView>> List(string? tenant, CancellationToken ct) =>
        server.Get(tenant is null ? "v1/keys" : $"v1/keys?tenant={Uri.EscapeDataString(tenant)}", RemoteJson.Default.IReadOnlyListKeyView, ct);

    public Task Revoke(string id, CancellationToken ct) => server.Delete($"v1/keys/{Uri.EscapeDataString(id)}", ct);
}
