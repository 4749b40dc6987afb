using System.Collections.Concurrent;
using System.Security.Cryptography;
using AgentMesh.Agents;
using AgentMesh.Contracts;

namespace AgentMesh.EngineConformance;

/// <summary>A content store that lasts as long as its process: for engines under test that bring none of their own.</summary>
public sealed class InMemoryContent : IContentStore
{
    private readonly ConcurrentDictionary<string, byte[]> contents = new(StringComparer.Ordinal);

    public Task<ContentRef> Put(ReadOnlyMemory<byte> content, string mediaType, CancellationToken ct)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(content.Span));
        contents[hash] = content.ToArray();
        return Task.FromResult(new ContentRef(hash, content.Length, mediaType));
    }

    public Task<ReadOnlyMemory<byte>> Get(ContentRef content, CancellationToken ct) => Task.FromResult<ReadOnlyMemory<byte>>(contents[content.Sha256]);
}
