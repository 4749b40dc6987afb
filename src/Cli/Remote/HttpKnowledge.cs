using AgentMesh.Agents;
using AgentMesh.Contracts;

namespace AgentMesh.Cli.Remote;

/// <summary>The knowledge base behind a server.</summary>
internal sealed class HttpKnowledge(ServerClient server) : IKnowledge
{
    public Task Add(KnowledgeDocument document, CancellationToken ct) => server.Post(
        "v1/knowledge", new KnowledgeRequest(document.Collection, document.Name, document.Text, document.Tenant), RemoteJson.Default.KnowledgeRequest, mayRepeat: true, ct);

    public Task<IReadOnlyList<Passage>> Search(string tenant, IReadOnlyList<string> collections, string query, int limit, CancellationToken ct) => server.Get(
        $"v1/knowledge/search?tenant={Uri.EscapeDataString(tenant)}&q={Uri.EscapeDataString(query)}&limit={limit}{Collection(collections.Count > 0 ? collections[0] : null)}",
        RemoteJson.Default.IReadOnlyListPassage, ct);

    public Task<IReadOnlyList<KnowledgeEntry>> List(string tenant, string? collection, CancellationToken ct) =>
        server.Get($"v1/knowledge?tenant={Uri.EscapeDataString(tenant)}{Collection(collection)}", RemoteJson.Default.IReadOnlyListKnowledgeEntry, ct);

    private static string Collection(string? name) => name is null ? "" : $"&collection={Uri.EscapeDataString(name)}";
}
