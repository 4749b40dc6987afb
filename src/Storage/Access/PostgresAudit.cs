using AgentMesh.Contracts;
using AgentMesh.Runtime;
using Npgsql;

namespace AgentMesh.Storage.Access;

/// <summary>The audit log as a table that refuses to be changed.</summary>
public sealed class PostgresAudit(NpgsqlDataSource source, StorageOptions options, TimeProvider time) : IAuditLog
{
    private readonly Statements statements = new(source, options, time);

    /// <inheritdoc/>
    /// <remarks>A line whose acknowledgement was lost is written again: twice is better than never.</remarks>
    /// <exception cref="StoreUnavailableException">The store stayed away.</exception>
    public Task Append(AuditEntry entry, CancellationToken ct = default) => statements.Write(
        "INSERT INTO audit (at, tenant, caller, key, action, goal, request, detail, refused) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        ct, entry.At.UtcDateTime, entry.Tenant, entry.Caller, entry.Key, entry.Action, entry.Goal, entry.Request, entry.Detail, entry.Refused);

    public async Task<IReadOnlyList<AuditEntry>> Read(AuditQuery query, CancellationToken ct = default)
    {
        var (conditions, values) = ("", new List<object?>());
        if (query.Tenant is { } tenant) conditions += $" AND tenant = {Parameter(tenant)}";
        if (query.Goal is { } goal) conditions += $" AND goal = {Parameter(goal)}";
        if (query.Before is { } before) conditions += $" AND sequence < {Parameter(before)}";
        return await statements.Read(
            $"SELECT sequence, at, tenant, caller, key, action, goal, request, detail, refused FROM audit WHERE true{conditions} ORDER BY sequence DESC LIMIT {Parameter(query.Limit)}",
            Row, ct, [.. values]);

        string Parameter(object value)
        {
            values.Add(value);
            return $"${values.Count}";
        }
    }

    private static AuditEntry Row(NpgsqlDataReader row) => new(
        row.GetInt64(0), new(row.GetDateTime(1)), row.GetString(2), row.GetString(3), row.TextOrNull(4), row.GetString(5), row.TextOrNull(6), row.TextOrNull(7), row.TextOrNull(8), row.TextOrNull(9));
}
