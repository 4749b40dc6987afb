using AgentMesh.Contracts;
using AgentMesh.Runtime;
using Npgsql;

namespace AgentMesh.Storage.Access;

/// <summary>API keys as rows.</summary>
public sealed class PostgresKeys(NpgsqlDataSource source, StorageOptions options, TimeProvider time) : IKeyStore
{
    private const string Columns = "id, tenant, name, roles, created_at, created_by, expires_at, revoked_at, last_used_at, secret_hash";

    /// <inheritdoc/>
    /// <exception cref="StoreUnavailableException">The store stayed away.</exception>
    public Task Add(StoredKey key, CancellationToken ct = default) => Write(
        $"INSERT INTO api_keys ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING",
        ct, key.Key.Id, key.Key.Tenant, key.Key.Name, key.Key.Roles.Select(r => r.ToString()).ToArray(), key.Key.CreatedAt.UtcDateTime, key.Key.CreatedBy,
        key.Key.ExpiresAt?.UtcDateTime, key.Key.RevokedAt?.UtcDateTime, key.Key.LastUsedAt?.UtcDateTime, key.SecretHash.ToArray());

    public async Task<StoredKey?> Find(string id, CancellationToken ct = default) =>
        (await Read($"SELECT {Columns} FROM api_keys WHERE id = $1", ct, id)).SingleOrDefault();

    public async Task<IReadOnlyList<KeyView>> List(string? tenant, CancellationToken ct = default) =>
        [.. (await Read($"SELECT {Columns} FROM api_keys WHERE $1::text IS NULL OR tenant = $1 ORDER BY created_at DESC, id", ct, tenant)).Select(k => k.Key)];

    public async Task<bool> Revoke(string id, DateTimeOffset at, CancellationToken ct = default) =>
        await Write("UPDATE api_keys SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1", ct, id, at.UtcDateTime) > 0;

    public Task Used(string id, DateTimeOffset at, CancellationToken ct = default) =>
        Write("UPDATE api_keys SET last_used_at = greatest(last_used_at, $2) WHERE id = $1", ct, id, at.UtcDateTime);

    private Task<int> Write(string sql, CancellationToken ct, params object?[] values) => Run(sql, static (command, token) => command.ExecuteNonQueryAsync(token), values, ct);

    private Task<List<StoredKey>> Read(string sql, CancellationToken ct, params object?[] values) => Run(
        sql,
        async (command, token) =>
        {
            await using var reader = await command.ExecuteReaderAsync(token);
            var keys = new List<StoredKey>();
            while (await reader.ReadAsync(token)) keys.Add(Row(reader));
            return keys;
        },
        values, ct);

    private Task<T> Run<T>(string sql, Func<NpgsqlCommand, CancellationToken, Task<T>> run, object?[] values, CancellationToken ct) =>
        StoreTrouble.Outlast(time, options.JournalPatience, async token =>
        {
            await using var command = source.CreateCommand(sql);
            foreach (var value in values) command.Parameters.Add(new() { Value = value ?? DBNull.Value });
            return await run(command, token);
        }, ct);

    private static StoredKey Row(NpgsqlDataReader row) => new(
        new KeyView(
            row.GetString(0), row.GetString(1), row.GetString(2), Roles(row.GetFieldValue<string[]>(3)), new(row.GetDateTime(4)), row.GetString(5),
            Time(row, 6), Time(row, 7), Time(row, 8)),
        row.GetFieldValue<byte[]>(9));

    // A role that a newer program made gives no rights here.
    private static List<CallerRole> Roles(string[] names) => [.. names.Where(n => Enum.TryParse<CallerRole>(n, out _)).Select(Enum.Parse<CallerRole>)];

    private static DateTimeOffset? Time(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : new DateTimeOffset(row.GetDateTime(column));
}
