using System.Security.Cryptography;
using AgentMesh.Agents;
using AgentMesh.Contracts;
using Npgsql;

namespace AgentMesh.Storage.Content;

/// <summary>Contents as rows, so that a backup of the database has them. The same bytes are stored once.</summary>
public sealed class PostgresContentStore(NpgsqlDataSource source, StorageOptions options, TimeProvider time) : IContentStore
{
    /// <exception cref="ArgumentException">It is larger than <see cref="StorageOptions.MaxContentBytes"/>.</exception>
    /// <exception cref="StoreUnavailableException">The store stayed away.</exception>
    public async Task<ContentRef> Put(ReadOnlyMemory<byte> content, string mediaType, CancellationToken ct)
    {
        if (content.Length > options.MaxContentBytes)
            throw new ArgumentException($"The content has {content.Length:N0} bytes; at most {options.MaxContentBytes:N0} can be stored. Split it, or leave it out.", nameof(content));

        var hash = SHA256.HashData(content.Span);
        await StoreTrouble.Outlast(time, options.JournalPatience, async token =>
        {
            // Asking first saves sending bytes that are there; the insert does not mind if somebody was quicker.
            await using var known = source.CreateCommand("SELECT 1 FROM content WHERE sha256 = $1");
            known.Parameters.Add(new() { Value = hash });
            if (await known.ExecuteScalarAsync(token) is not null) return 0;
            await using var insert = source.CreateCommand("INSERT INTO content (sha256, content) VALUES ($1, $2) ON CONFLICT DO NOTHING");
            insert.Parameters.Add(new() { Value = hash });
            insert.Parameters.Add(new() { Value = content });
            return await insert.ExecuteNonQueryAsync(token);
        }, ct);
        return new(Convert.ToHexStringLower(hash), content.Length, mediaType);
    }

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> Get(ContentRef content, CancellationToken ct)
    {
        if (content.Sha256.Length != 64 || !content.Sha256.All(char.IsAsciiHexDigit)) throw Missing(content);
        var hash = Convert.FromHexString(content.Sha256);
        return await StoreTrouble.Outlast<byte[]?>(time, options.JournalPatience, async token =>
        {
            await using var get = source.CreateCommand("SELECT content FROM content WHERE sha256 = $1");
            get.Parameters.Add(new() { Value = hash });
            return await get.ExecuteScalarAsync(token) as byte[];
        }, ct) ?? throw Missing(content);
    }

    private static KeyNotFoundException Missing(ContentRef content) => new($"There is no stored content {content.Sha256}.");
}
