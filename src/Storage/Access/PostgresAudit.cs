using AgentMesh.Contracts;
using AgentMesh.Runtime;
using Npgsql;

namespace AgentMesh.Storage.Access;

/// <summary>The audit log as a table that refuses to be changed.</summary>
public sealed class PostgresAudit(NpgsqlDataSource source, StorageOptions options, TimeProvider time) : IAuditLog
{
    /// <inheritdoc/>
    /// <remarks>A line whose acknowledgement was lost is written again: twice is better than never.</remarks>
    /// <exception cref="StoreUnavailableException">The store stayed away.</exception>
    public Task Append(AuditEntry entry, CancellationToken ct = default) => StoreTrouble.Outlast(time, options.JournalPatience, async token =>
    {
        await using var append = source.CreateCommand(
            "INSERT INTO audit (at, tenant, caller, key, action, goal, request, detail, refused) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
        object?[] values = [entry.At.UtcDateTime, entry.Tenant, entry.Caller, entry.Key, entry.Action, entry.Goal, entry.Request, entry.Detail, entry.Refused];
        foreach (var value in values) append.Parameters.Add(new() { Value = value ?? DBNull.Value });
        return await append.ExecuteNonQueryAsync(token);
    }, ct);

    public Task<IReadOnlyList<AuditEntry>> Read(AuditQuery query, CancellationToken ct = default) =>
        StoreTrouble.Outlast<IReadOnlyList<AuditEntry>>(time, options.JournalPatience, async token =>
        {
            await using var read = source.CreateCommand();
            var conditions = "";
            if (query.Tenant is { } tenant) conditions += $" AND tenant = {Parameter(tenant)}";
            if (query.Goal is { } goal) conditions += $" AND goal = {Parameter(goal)}";
            if (query.Before is { } before) conditions += $" AND sequence < {Parameter(before)}";
            read.CommandText = $"SELECT sequence, at, tenant, caller, key, action, goal, request, detail, refused FROM audit WHERE true{conditions} ORDER BY sequence DESC LIMIT {Parameter(query.Limit)}";
            await using var row = await read.ExecuteReaderAsync(token);
            var entries = new List<AuditEntry>();
            while (await row.ReadAsync(token))
                entries.Add(new(row.GetInt64(0), new(row.GetDateTime(1)), row.GetString(2), row.GetString(3), Text(row, 4), row.GetString(5), Text(row, 6), Text(row, 7), Text(row, 8), Text(row, 9)));
            return entries;

            string Parameter(object value)
            {
                read.Parameters.Add(new() { Value = value });
                return $"${read.Parameters.Count}";
            }
        }, ct);

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
