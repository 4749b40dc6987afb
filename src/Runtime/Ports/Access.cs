using AgentMesh.Contracts;

namespace AgentMesh.Runtime;

/// <summary>An API key as it is kept.</summary>
/// <param name="SecretHash">SHA-256 of the secret part: it has 256 random bits, so nothing slower is needed.</param>
public sealed record StoredKey(KeyView Key, ReadOnlyMemory<byte> SecretHash);

/// <summary>The API keys of all tenants. Revoked and expired ones stay, so that the audit log's ids keep a meaning.</summary>
public interface IKeyStore
{
    Task Add(StoredKey key, CancellationToken ct = default);

    Task<StoredKey?> Find(string id, CancellationToken ct = default);

    /// <summary>Newest first.</summary>
    /// <param name="tenant">Null for all.</param>
    Task<IReadOnlyList<KeyView>> List(string? tenant, CancellationToken ct = default);

    /// <summary>Ends a key at <paramref name="at"/>. One that was revoked before keeps its time.</summary>
    /// <returns>False when there is no such key.</returns>
    Task<bool> Revoke(string id, DateTimeOffset at, CancellationToken ct = default);

    /// <summary>Notes that a key was used.</summary>
    Task Used(string id, DateTimeOffset at, CancellationToken ct = default);
}

/// <param name="Tenant">Null for all.</param>
/// <param name="Before">Only entries with a smaller sequence.</param>
public sealed record AuditQuery(string? Tenant = null, string? Goal = null, int Limit = 50, long? Before = null);

/// <summary>Who did what. Lines are added and read; nothing changes or removes one.</summary>
public interface IAuditLog
{
    /// <param name="entry">Its sequence is the log's to give.</param>
    Task Append(AuditEntry entry, CancellationToken ct = default);

    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<AuditEntry>> Read(AuditQuery query, CancellationToken ct = default);
}
