using AgentMesh.Contracts;

namespace AgentMesh.Agents;

/// <summary>Full-text (and, where embeddings are configured, semantic) search over documents that a tenant added.</summary>
public interface IKnowledge
{
    /// <summary>Adds or replaces the document with this name. The text is indexed in passages of a few hundred characters that keep their offsets.</summary>
    Task Add(KnowledgeDocument document, CancellationToken ct);

    /// <summary>Best first. An empty list is an answer: nothing matched.</summary>
    /// <param name="collections">Empty for all of the tenant's.</param>
    Task<IReadOnlyList<Passage>> Search(string tenant, IReadOnlyList<string> collections, string query, int limit, CancellationToken ct);

    Task<IReadOnlyList<KnowledgeEntry>> List(string tenant, string? collection, CancellationToken ct);
}

/// <param name="Name">Path-like and unique within tenant and collection: <c>billing/refunds.md</c>.</param>
public sealed record KnowledgeDocument(string Tenant, string Collection, string Name, string Text);

public sealed record KnowledgeEntry(string Collection, string Name, string Title, int Characters, int Passages, DateTimeOffset AddedAt);

/// <summary>A stretch of a document.</summary>
/// <param name="Start">Offset of the first character in the document's text (UTF-16 units).</param>
/// <param name="End">Offset behind the last character.</param>
/// <param name="Score">Comparable within one search only; higher is better.</param>
public sealed record Passage(string Collection, string Document, string Title, int Start, int End, string Text, double Score);

/// <summary>Bytes addressed by their hash: attachments and artifacts too large for the journal.</summary>
public interface IContentStore
{
    /// <summary>Durable when it returns. Storing the same bytes again costs nothing.</summary>
    Task<ContentRef> Put(ReadOnlyMemory<byte> content, string mediaType, CancellationToken ct);

    /// <exception cref="KeyNotFoundException">There is no such content.</exception>
    Task<ReadOnlyMemory<byte>> Get(ContentRef content, CancellationToken ct);
}
