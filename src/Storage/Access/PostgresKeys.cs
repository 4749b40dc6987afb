using AgentMesh.Contracts;
using AgentMesh.Runtime;
using Npgsql;

namespace AgentMesh.Storage.Access;

/// <summary>API keys as rows.</summary>
public sealed class PostgresKeys(NpgsqlDataSource source, StorageOptions options, TimeProvider time) : IKeyStore
{
    private const string Columns = "id, tenant, name, roles, created_at, created_by, expires_at, revoked_at, last_used_at, secret_hash";

    private readonly Statements statements = new(source, options, time);

    /// <inheritdoc/>
    /// <exception cref="StoreUnavailableException">The store stayed away.</exception>
    public Task Add(StoredKey key, CancellationToken ct = default) => statements.Write(
        $"INSERT INTO api_keys ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING",
        ct, key.Key.Id, key.Key.Tenant, key.Key.Name, key.Key.Roles.Select(r => r.ToString()).ToArray(), key.Key.CreatedAt.UtcDateTime, key.Key.CreatedBy,
        key.Key.ExpiresAt?.UtcDateTime, key.Key.RevokedAt?.UtcDateTime, key.Key.LastUsedAt?.UtcDateTime, key.SecretHash.ToArray());

    public async Task<StoredKey?> Find(string id, CancellationToken ct = default) =>
        (await statements.Read($"SELECT {Columns} FROM api_keys WHERE id = $1", Row, ct, id)).SingleOrDefault();

    public async Task<IReadOnlyList<KeyView>> List(string? tenant, CancellationToken ct = default) =>
        [.. (await statements.Read($"SELECT {Columns} FROM api_keys WHERE $1::text IS NULL OR tenant = $1 ORDER BY created_at DESC, id", Row, ct, tenant)).Select(k => k.Key)];

    public async Task<bool> Revoke(string id, DateTimeOffset at, CancellationToken ct = default) =>
        await statements.Write("UPDATE api_keys SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1", ct, id, at.UtcDateTime) > 0;

    public Task Used(string id, DateTimeOffset at, CancellationToken ct = default) =>
        statements.Write("UPDATE api_keys SET last_used_at = greatest(last_used_at, $2) WHERE id = $1", ct, id, at.UtcDateTime);

    private static StoredKey Row(NpgsqlDataReader row) => new(
        new KeyView(
            row.GetString(0), row.GetString(1), row.GetString(2), Roles(row.GetFieldValue<string[]>(3)), new(row.GetDateTime(4)), row.GetString(5),
            row.TimeOrNull(6), row.TimeOrNull(7), row.TimeOrNull(8)),
        row.GetFieldValue<byte[]>(9));

    // A role that a newer program made gives no rights here.
    private static List<CallerRole> Roles(string[] names) => [.. names.Where(n => Enum.TryParse<CallerRole>(n, out _)).Select(Enum.Parse<CallerRole>)];
}
