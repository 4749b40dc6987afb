using System.Text;
using AgentMesh.Contracts;
using Npgsql;

namespace AgentMesh.Storage.Journal;

/// <summary>The query behind the list of goals. Only the conditions that are asked for are in it, so that each form finds its index.</summary>
internal static class GoalList
{
    public static NpgsqlCommand Command(NpgsqlDataSource source, GoalQuery query)
    {
        var command = source.CreateCommand();
        var sql = new StringBuilder("SELECT goal, tenant, text, status, submitted_at, updated_at, last_sequence, nullif(deadline, '-infinity') FROM goals WHERE true");
        if (query.Tenant is { } tenant) sql.Append($" AND tenant = {Parameter(tenant)}");
        if (query.Before is { } before) sql.Append($" AND goal < {Parameter(before.Value)}");
        if (query.Statuses is { Count: > 0 } statuses)
        {
            sql.Append($" AND status = ANY ({Parameter(statuses.Select(s => (short)s).ToArray())})");
            if (!statuses.Any(Statuses.IsFinal)) sql.Append(" AND ended IS NULL");
            else if (statuses.All(Statuses.IsFinal)) sql.Append($" AND ended = ANY ({Parameter(statuses.Select(s => (short)s).ToArray())})");
        }
        command.CommandText = sql.Append($" ORDER BY goal DESC LIMIT {Parameter((long)query.Limit)}").ToString();
        return command;

        string Parameter(object value)
        {
            command.Parameters.Add(new() { Value = value });
            return $"${command.Parameters.Count}";
        }
    }

    public static GoalSummary Row(NpgsqlDataReader row) => new(
        new(row.GetString(0)), row.GetString(1), row.GetString(2), (GoalStatus)row.GetInt16(3),
        new(row.GetDateTime(4)), new(row.GetDateTime(5)), row.GetInt64(6),
        row.IsDBNull(7) ? null : new DateTimeOffset(row.GetDateTime(7)));
}
