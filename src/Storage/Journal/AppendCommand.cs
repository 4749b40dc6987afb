using System.Text.Json;
using AgentMesh.Contracts;
using Npgsql;
using NpgsqlTypes;

namespace AgentMesh.Storage.Journal;

/// <summary>The journal's one write: a prepared statement that carries many appends in one round trip and one commit.</summary>
internal sealed class AppendCommand : IAsyncDisposable
{
    // The fence is twofold, both inside the write: the primary key stops a second row at the same place, and the row before must end exactly
    // where this one begins, which stops gaps and overlaps whatever a caller believes. A goal comes at most once in a batch.
    // Before either, the writer's row is locked as it is now, not as the statement's snapshot shows it: a writer that was retired meanwhile has none.
    private const string Sql = """
        WITH incoming AS (
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
                AS t (goal, first, last, writer, entries, tenant, text, status, ended, submitted_at, updated_at, deadline, asks, usage)
        ), standing AS (
            SELECT writer FROM writers WHERE writer = ANY ($15) AND retired_at IS NULL FOR SHARE
        ), inserted AS (
            INSERT INTO journal (goal, first, last, writer, entries)
            SELECT goal, first, last, writer, entries FROM incoming i JOIN standing USING (writer)
            WHERE i.first - 1 = coalesce((SELECT j.last FROM journal j WHERE j.goal = i.goal AND j.first < i.first ORDER BY j.first DESC LIMIT 1), 0)
            ON CONFLICT DO NOTHING
            RETURNING goal
        ), listed AS (
            INSERT INTO goals (goal, tenant, text, status, ended, submitted_at, updated_at, deadline, last_sequence, asks, usage)
            SELECT goal, tenant, text, status, ended, submitted_at, updated_at, deadline, last, asks, usage::jsonb FROM incoming JOIN inserted USING (goal)
            WHERE status IS NOT NULL
            ON CONFLICT (goal) DO UPDATE SET
                tenant = EXCLUDED.tenant, text = EXCLUDED.text, status = EXCLUDED.status, ended = EXCLUDED.ended,
                submitted_at = EXCLUDED.submitted_at, updated_at = EXCLUDED.updated_at, deadline = EXCLUDED.deadline, last_sequence = EXCLUDED.last_sequence,
                asks = EXCLUDED.asks, usage = EXCLUDED.usage
        )
        SELECT goal FROM inserted
        """;

    // The plan is fixed when the statement is prepared and must stay right when the tables have grown: lookups by key, joins by hash.
    private const string Session = "SET enable_seqscan = off; SET enable_nestloop = off; SET plan_cache_mode = force_generic_plan";

    private static readonly NpgsqlDbType[] Types =
    [
        NpgsqlDbType.Text, NpgsqlDbType.Bigint, NpgsqlDbType.Bigint, NpgsqlDbType.Text, NpgsqlDbType.Bytea, NpgsqlDbType.Text, NpgsqlDbType.Text,
        NpgsqlDbType.Smallint, NpgsqlDbType.Smallint, NpgsqlDbType.TimestampTz, NpgsqlDbType.TimestampTz, NpgsqlDbType.TimestampTz, NpgsqlDbType.Smallint, NpgsqlDbType.Text,
        NpgsqlDbType.Text,
    ];

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlCommand _append;
    private readonly NpgsqlCommand _fate;
    private readonly HashSet<string> _writers = [];

    private AppendCommand(NpgsqlConnection connection)
    {
        _connection = connection;
        _append = new NpgsqlCommand(Sql, connection);
        foreach (var type in Types) _append.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type | NpgsqlDbType.Array });
        _fate = new NpgsqlCommand("""
            SELECT (SELECT retired_at IS NOT NULL FROM writers WHERE writer = $4),
                   EXISTS (SELECT 1 FROM journal WHERE goal = $1 AND first = $2 AND last = $3 AND writer = $4 AND entries = $5)
            """, connection)
        {
            Parameters =
            {
                new() { NpgsqlDbType = NpgsqlDbType.Text }, new() { NpgsqlDbType = NpgsqlDbType.Bigint }, new() { NpgsqlDbType = NpgsqlDbType.Bigint },
                new() { NpgsqlDbType = NpgsqlDbType.Text }, new() { NpgsqlDbType = NpgsqlDbType.Bytea },
            },
        };
    }

    public static async Task<AppendCommand> Open(NpgsqlDataSource source, CancellationToken ct)
    {
        var connection = await source.OpenConnectionAsync(ct);
        try
        {
            await using (var session = new NpgsqlCommand(Session, connection)) await session.ExecuteNonQueryAsync(ct);
            var command = new AppendCommand(connection);
            await command._append.PrepareAsync(ct);
            return command;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes the batch, durably.</summary>
    /// <param name="won">Receives the goals whose append went in; those of the others met somebody else's.</param>
    public async Task Execute(IReadOnlyList<PendingAppend> batch, HashSet<string> won, CancellationToken ct)
    {
        string[] writers = [.. batch.Select(p => p.Writer).Distinct(StringComparer.Ordinal)];
        foreach (var writer in writers) await Register(writer, ct);

        var parameters = _append.Parameters;
        parameters[0].Value = Column(batch, p => p.Goal.Value);
        parameters[1].Value = Column(batch, p => p.First);
        parameters[2].Value = Column(batch, p => p.Last);
        parameters[3].Value = Column(batch, p => p.Writer);
        parameters[4].Value = Column(batch, p => p.Entries);
        parameters[5].Value = Column(batch, p => p.Summary is { } s ? StoredText.Clean(s.Tenant) : null);
        parameters[6].Value = Column(batch, p => p.Summary is { } s ? StoredText.Clean(s.Text) : null);
        parameters[7].Value = Column(batch, p => (short?)p.Summary?.Status);
        parameters[8].Value = Column(batch, p => p.Summary?.Status is { } status && Statuses.IsFinal(status) ? (short?)status : null);
        parameters[9].Value = Column(batch, p => p.Summary?.SubmittedAt.UtcDateTime);
        parameters[10].Value = Column(batch, p => p.Summary?.UpdatedAt.UtcDateTime);
        parameters[11].Value = Column(batch, p => p.Summary?.Deadline?.UtcDateTime);
        parameters[12].Value = Column(batch, p => p.Summary is { } s ? (short?)Math.Min(s.Asks, short.MaxValue) : null);
        parameters[13].Value = Column(batch, p => p.Summary?.Spent is { } spent ? Json(spent) : null);
        parameters[14].Value = writers;

        await using var reader = await _append.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct)) won.Add(reader.GetString(0));
    }

    /// <summary>What became of an append that did not go in just now.</summary>
    public async Task<AppendFate> Fate(PendingAppend append, CancellationToken ct)
    {
        _fate.Parameters[0].Value = append.Goal.Value;
        _fate.Parameters[1].Value = append.First;
        _fate.Parameters[2].Value = append.Last;
        _fate.Parameters[3].Value = append.Writer;
        _fate.Parameters[4].Value = append.Entries;
        await using var reader = await _fate.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        if (reader.IsDBNull(0))
        {
            _writers.Remove(append.Writer);
            return AppendFate.Unregistered;
        }
        return reader.GetBoolean(0) ? AppendFate.Retired : reader.GetBoolean(1) ? AppendFate.Stored : AppendFate.Stale;
    }

    /// <summary>Once in a writer's life and connection.</summary>
    private async Task Register(string writer, CancellationToken ct)
    {
        if (_writers.Contains(writer)) return;
        await using var register = new NpgsqlCommand("INSERT INTO writers (writer) VALUES ($1) ON CONFLICT DO NOTHING", _connection) { Parameters = { new() { Value = writer } } };
        await register.ExecuteNonQueryAsync(ct);
        _writers.Add(writer);
    }

    public async ValueTask DisposeAsync()
    {
        await _append.DisposeAsync();
        await _fate.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private static string Json(IReadOnlyList<ModelUsage> spent) =>
        JsonSerializer.Serialize([.. spent.Select(s => s.Model is { } model ? s with { Model = StoredText.Clean(model) } : s)], MeshJson.Default.IReadOnlyListModelUsage);

    private static T[] Column<T>(IReadOnlyList<PendingAppend> batch, Func<PendingAppend, T> value)
    {
        var column = new T[batch.Count];
        for (var i = 0; i < column.Length; i++) column[i] = value(batch[i]);
        return column;
    }
}

/// <summary>Why an append did not go in when it was written.</summary>
internal enum AppendFate
{
    /// <summary>It had gone in before and only its answer was lost.</summary>
    Stored,

    /// <summary>The goal has entries of somebody else in its place.</summary>
    Stale,
    Retired,

    /// <summary>The database does not know the writer: it was set back to before the writer came. The append may be tried again.</summary>
    Unregistered,
}

internal static class Statuses
{
    public static bool IsFinal(GoalStatus status) => status is GoalStatus.Completed or GoalStatus.Failed or GoalStatus.Cancelled;
}
