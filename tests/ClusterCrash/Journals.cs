using AgentMesh.Contracts;
using AgentMesh.Storage.Journal;
using Npgsql;

namespace AgentMesh.ClusterCrash;

/// <summary>One append as the database has it.</summary>
/// <param name="Writer"><c>address:port@generation</c> of the silo.</param>
/// <param name="Commit">When the server made it durable.</param>
internal sealed record Append(string Writer, DateTime Commit, IReadOnlyList<GoalEvent> Events)
{
    public string Silo => Writer[..Writer.IndexOf('@', StringComparison.Ordinal)];
}

/// <summary>What the tables say, read past everything that could be mistaken.</summary>
internal static class Journals
{
    public static async Task<IReadOnlyList<GoalId>> Unfinished(Database database)
    {
        var goals = new List<GoalId>();
        await Read(database, "SELECT goal FROM goals WHERE ended IS NULL ORDER BY goal", row => goals.Add(new GoalId(row.GetString(0))));
        return goals;
    }

    /// <summary>Goals by their status.</summary>
    public static async Task<IReadOnlyDictionary<string, GoalStatus>> Statuses(Database database)
    {
        var goals = new Dictionary<string, GoalStatus>(StringComparer.Ordinal);
        await Read(database, "SELECT goal, status FROM goals", row => goals.Add(row.GetString(0), (GoalStatus)row.GetInt16(1)));
        return goals;
    }

    /// <summary>When each retired writer was retired, by the commit that did it: after it nothing of that writer may be committed.</summary>
    public static async Task<IReadOnlyDictionary<string, DateTime>> Retired(Database database)
    {
        var writers = new Dictionary<string, DateTime>(StringComparer.Ordinal);
        await Read(
            database, "SELECT writer, pg_xact_commit_timestamp(xmin) FROM writers WHERE retired_at IS NOT NULL", row => writers.Add(row.GetString(0), row.GetDateTime(1)));
        return writers;
    }

    /// <summary>Every goal's appends, in the journal's order.</summary>
    public static async Task Each(Database database, Action<string, IReadOnlyList<Append>> goal)
    {
        var (current, appends) = ("", new List<Append>());
        await Read(database, "SELECT goal, first, writer, entries, pg_xact_commit_timestamp(xmin) FROM journal ORDER BY goal, first", row =>
        {
            if (row.GetString(0) != current)
            {
                if (appends.Count > 0) goal(current, appends);
                (current, appends) = (row.GetString(0), []);
            }

            var entries = new List<JournalEntry>();
            JournalCodec.Read(row.GetFieldValue<byte[]>(3), row.GetInt64(1), 0, entries);
            appends.Add(new Append(row.GetString(2), row.GetDateTime(4), [.. entries.Select(e => e.Event)]));
        });
        if (appends.Count > 0) goal(current, appends);
    }

    private static async Task Read(Database database, string sql, Action<NpgsqlDataReader> each)
    {
        await using var connection = await database.Open();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync()) each(reader);
    }
}
