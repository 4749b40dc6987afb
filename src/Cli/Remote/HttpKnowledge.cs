using AgentMesh.Agents;
using AgentMesh.Contracts;

namespace AgentMesh.Cli.Remote;

/// <summary>The knowledge base behind a server.</summary>
internal sealed class HttpKnowledge(ServerClient server) : IKnowledge
{
    public Task Add(KnowledgeDocument document, CancellationToken ct) => server.Post(
        "v1/knowledge", new KnowledgeRequest(document.Collection, document.Name, document.Text, ServerClient.Named(document.Tenant)), RemoteJson.Default.KnowledgeRequest, mayRepeat: true, ct);

    public Task<IReadOnlyList<Passage>> Search(string tenant, IReadOnlyList<string> collections, string query, int limit, CancellationToken ct) => server.Get(
        $"v1/knowledge/search?q={Uri.EscapeDataString(query)}&limit={limit}{Tenant(tenant)}{Collection(collections.Count > 0 ? collections[0] : null)}",
        RemoteJson.Default.IReadOnlyListPassage, ct);

    public Task<IReadOnlyList<KnowledgeEntry>> List(string tenant, string? collection, CancellationToken ct) =>
        server.Get($"v1/knowledge?{Tenant(tenant)}{Collection(collection)}", RemoteJson.Default.IReadOnlyListKnowledgeEntry, ct);

    private static string Tenant(string tenant) => ServerClient.Named(tenant) is { } name ? $"&tenant={Uri.EscapeDataString(name)}" : "";

    private static string Collection(string? name) => name is null ? "" : $"&collection={Uri.EscapeDataString(name)}";
}
