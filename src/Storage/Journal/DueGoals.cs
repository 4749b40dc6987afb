using AgentMesh.Contracts;
using AgentMesh.Runtime;
using Npgsql;

namespace AgentMesh.Storage.Journal;

/// <summary>The query behind <see cref="IJournal.Due"/>, and the deadlines of goals that were stored before it existed.</summary>
internal static class DueGoals
{
    // Two partial indexes hold just the goals that matter: a hundred thousand that wait for people cost nothing here. Each half is cut before they meet.
    private const string Sql = """
        (SELECT goal FROM goals
         WHERE ended IS NULL AND NOT waits AND goal > $1 AND ($3 = 1 OR (hashtextextended(goal, 0) & 2147483647) % $3 = $4)
         ORDER BY goal LIMIT $5)
        UNION ALL
        (SELECT goal FROM goals
         WHERE ended IS NULL AND waits AND deadline <= $2 AND goal > $1 AND ($3 = 1 OR (hashtextextended(goal, 0) & 2147483647) % $3 = $4)
         ORDER BY goal LIMIT $5)
        ORDER BY goal LIMIT $5
        """;

    /// <summary>Goals whose deadline is learned at a time, so that no page takes long.</summary>
    private const int LearnAtOnce = 500;

    private const string NotKnown = "SELECT goal FROM goals WHERE ended IS NULL AND waits AND deadline = '-infinity' ORDER BY goal LIMIT $1";

    public static async Task<IReadOnlyList<GoalId>> Read(NpgsqlDataSource source, DueQuery query, CancellationToken ct)
    {
        await Learn(source, ct);
        await using var command = Command(source, query);
        return await Goals(command, ct);
    }

    internal static NpgsqlCommand Command(NpgsqlDataSource source, DueQuery query, string prefix = "")
    {
        var command = source.CreateCommand(prefix + Sql);
        command.Parameters.Add(new() { Value = query.After?.Value ?? "" });
        command.Parameters.Add(new() { Value = query.Until.UtcDateTime });
        command.Parameters.Add(new() { Value = (long)query.Buckets });
        command.Parameters.Add(new() { Value = (long)query.Bucket });
        command.Parameters.Add(new() { Value = (long)query.Limit });
        return command;
    }

    /// <summary>
    /// A goal that waits without a known deadline has it in its first event. Until all are learned the rest count as due, which costs a wake-up
    /// and loses nothing.
    /// </summary>
    private static async Task Learn(NpgsqlDataSource source, CancellationToken ct)
    {
        await using var unknown = source.CreateCommand(NotKnown);
        unknown.Parameters.Add(new() { Value = (long)LearnAtOnce });
        foreach (var goal in await Goals(unknown, ct))
        {
            await using var first = source.CreateCommand("SELECT entries FROM journal WHERE goal = $1 AND first = 1");
            first.Parameters.Add(new() { Value = goal.Value });
            if (await first.ExecuteScalarAsync(ct) is not byte[] stored) continue;
            var entries = new List<JournalEntry>();
            JournalCodec.Read(stored, 1, 0, entries);
            if (entries is not [{ Event: GoalSubmitted submitted } entry, ..]) continue;

            await using var learn = source.CreateCommand("UPDATE goals SET deadline = $2 WHERE goal = $1 AND deadline = '-infinity'");
            learn.Parameters.Add(new() { Value = goal.Value });
            learn.Parameters.Add(new() { Value = (object?)(entry.At + submitted.Spec.Constraints.Timeout)?.UtcDateTime ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz });
            await learn.ExecuteNonQueryAsync(ct);
        }
    }

    private static async Task<IReadOnlyList<GoalId>> Goals(NpgsqlCommand command, CancellationToken ct)
    {
        await using var reader = await command.ExecuteReaderAsync(ct);
        var goals = new List<GoalId>();
        while (await reader.ReadAsync(ct)) goals.Add(new(reader.GetString(0)));
        return goals;
    }
}
