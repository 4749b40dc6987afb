using System.Text;
using System.Text.Json;
using AgentMesh.Contracts;
using Npgsql;

namespace AgentMesh.Storage.Journal;

/// <summary>The query behind the list of goals. Only the conditions that are asked for are in it, and each set of goals that has an index of its own is asked for alone.</summary>
internal static class GoalList
{
    private const string Columns = "goal, tenant, text, status, submitted_at, updated_at, last_sequence, nullif(deadline, '-infinity') AS deadline, asks, usage::text AS usage";

    private const int MostWords = 16;

    public static NpgsqlCommand Command(NpgsqlDataSource source, GoalQuery query, string prefix = "")
    {
        var command = source.CreateCommand();
        var common = new StringBuilder();
        if (query.Tenant is { } tenant) common.Append($" AND tenant = {Parameter(tenant)}");
        if (query.Since is { } since) common.Append($" AND submitted_at >= {Parameter(since.UtcDateTime)}");
        if (query.Before is { } before)
        {
            var last = Parameter(before.Value);
            common.Append($" AND (submitted_at, goal) < ((SELECT submitted_at FROM goals WHERE goal = {last}), {last})");
        }

        // No index: one of words would cost each submit more than everything else that it writes (measured: 110 µs), and looking at a goal costs 1 µs.
        foreach (var word in Words(query.Text)) common.Append($" AND text ILIKE {Parameter(word)}");
        if (query.Asking) common.Append(" AND ended IS NULL AND asking");
        var order = $" ORDER BY submitted_at DESC, goal DESC LIMIT {Parameter((long)query.Limit)}";
        // A branch for each index that holds its goals in order; the newest of all branches are the page.
        var branches = Conditions(query.Statuses).Select(c => $"(SELECT {Columns} FROM goals WHERE {c}{common}{order})").ToList();
        command.CommandText = prefix + (branches.Count == 1 ? branches[0] : string.Join(" UNION ALL ", branches) + order);
        return command;

        string Parameter(object value)
        {
            command.Parameters.Add(new() { Value = value });
            return $"${command.Parameters.Count}";
        }

        IEnumerable<string> Conditions(IReadOnlyList<GoalStatus>? statuses)
        {
            if (statuses is not { Count: > 0 })
            {
                yield return "true";
                yield break;
            }

            foreach (var status in statuses.Where(Statuses.IsFinal).Distinct()) yield return $"ended = {Parameter((short)status)}";
            var open = statuses.Where(s => !Statuses.IsFinal(s)).Select(s => (short)s).ToArray();
            if (open.Length > 0) yield return $"ended IS NULL AND status = ANY ({Parameter(open)})";
        }
    }

    public static GoalSummary Row(NpgsqlDataReader row) => new(
        new(row.GetString(0)), row.GetString(1), row.GetString(2), (GoalStatus)row.GetInt16(3),
        new(row.GetDateTime(4)), new(row.GetDateTime(5)), row.GetInt64(6),
        row.IsDBNull(7) ? null : new DateTimeOffset(row.GetDateTime(7)), row.GetInt16(8),
        row.IsDBNull(9) ? null : JsonSerializer.Deserialize(row.GetString(9), MeshJson.Default.IReadOnlyListModelUsage));

    private static IEnumerable<string> Words(string? text) => StoredText.Clean(text ?? "")
        .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Take(MostWords)
        .Select(w => $"%{w.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%");
}
