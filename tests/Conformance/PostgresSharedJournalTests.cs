using AgentMesh.Contracts;
using AgentMesh.Runtime;
using AgentMesh.Storage;
using AgentMesh.Storage.Journal;
using Npgsql;

namespace AgentMesh.Conformance;

/// <summary>The rules for shared journals on PostgreSQL, and the moments that only a server's transactions and snapshots have.</summary>
public sealed class PostgresSharedJournalTests(PostgresServer server) : SharedJournalConformance, IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private string _connection = "";
    private PostgresStore? _store;
    private NpgsqlDataSource? _source;

    public async ValueTask InitializeAsync()
    {
        _connection = await server.NewSchema();
        _store = await PostgresServer.Open(_connection);
        _source = NpgsqlDataSource.Create(_connection);
    }

    public async ValueTask DisposeAsync()
    {
        await _source!.DisposeAsync();
        await _store!.DisposeAsync();
    }

    protected override Task<(IJournal Journal, IWriterRegistry Writers)> Open() => Task.FromResult<(IJournal, IWriterRegistry)>((_store!.Journal, _store.Writers));

    [Fact]
    public async Task Retiring_waits_for_an_append_that_has_been_let_through_but_is_not_committed()
    {
        await _store!.Journal.Append(Append("warm-up", 0, "dead"), Ct);
        await using var connection = await Connect();
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        // The append stops at this row, its check behind it.
        await Run(connection, "INSERT INTO journal VALUES ('goal-1', 1, 1, 'other', '\\x5b5d')");
        var append = _store.Journal.Append(Append("goal-1", 0, "dead"), Ct).AsTask();
        await Blocked(1);

        var retire = Quick().Retire("dead", Ct);
        await Blocked(2);
        await transaction.RollbackAsync(Ct);

        await retire;
        var read = await _store.Journal.Read(new("goal-1"), 0, Ct);
        await append;
        Assert.Single(read);
    }

    [Fact]
    public async Task An_append_whose_snapshot_is_older_than_the_retirement_is_refused()
    {
        await _store!.Journal.Append(Append("goal-1", 0, "dead"), Ct);
        await using var connection = await Connect();
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        await Run(connection, "UPDATE writers SET retired_at = now() WHERE writer = 'dead'");
        var append = _store.Journal.Append(Append("goal-1", 1, "dead"), Ct).AsTask();
        await Blocked(1);
        await transaction.CommitAsync(Ct);

        await Assert.ThrowsAsync<RetiredWriterException>(() => append);
        Assert.Single(await _store.Journal.Read(new("goal-1"), 0, Ct));
    }

    [Fact]
    public async Task A_writer_that_froze_in_the_middle_of_an_append_does_not_hold_up_its_retirement()
    {
        await _store!.Journal.Append(Append("goal-1", 0, "frozen"), Ct);
        await using var connection = await Connect();
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        await Run(connection, "SELECT 1 FROM writers WHERE writer = 'frozen' FOR SHARE");
        await Run(connection, "INSERT INTO journal VALUES ('goal-1', 2, 2, 'frozen', '\\x5b5d')");

        await Quick().Retire("frozen", Ct);
        Assert.Single(await _store.Journal.Read(new("goal-1"), 0, Ct));
        await _store.Journal.Append(Append("goal-1", 1, "heir"), Ct);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => Run(connection, "SELECT 1"));
    }

    [Fact]
    public async Task A_writer_that_the_database_forgot_is_registered_again()
    {
        await _store!.Journal.Append(Append("goal-1", 0, "w"), Ct);
        await using var connection = await Connect();
        await Run(connection, "DELETE FROM writers");
        await _store.Journal.Append(Append("goal-1", 1, "w"), Ct);
        Assert.Equal(2, (await _store.Journal.Read(new("goal-1"), 0, Ct)).Count);
    }

    [Fact]
    public async Task Deadlines_of_goals_from_before_they_were_listed_are_learned_from_the_journal()
    {
        await Waiting("soon", TimeSpan.FromMinutes(1));
        await Waiting("late", TimeSpan.FromDays(3));
        await Waiting("never", null);
        await using (var connection = await Connect()) await Run(connection, "UPDATE goals SET deadline = DEFAULT");

        Assert.Equal(["soon"], (await _store!.Journal.Due(new(Noon.AddHours(1)), Ct)).Select(g => g.Value));
        Assert.Equal(
            [null, Noon.AddDays(3), Noon.AddMinutes(1)],
            (await _store.Journal.List(new(), Ct)).OrderBy(s => s.Deadline.HasValue).ThenByDescending(s => s.Deadline).Select(s => s.Deadline));

        async Task Waiting(string goal, TimeSpan? timeout) => await _store!.Journal.Append(
            new(new(goal), 0, [new(1, Noon, new GoalSubmitted(new(goal), new GoalSpec { Text = "x", Constraints = new() { Timeout = timeout } }))], Summary(goal, GoalStatus.Waiting), "w"), Ct);
    }

    [Fact]
    public async Task Among_a_hundred_thousand_waiting_goals_what_is_due_is_found_by_the_small_indexes()
    {
        await using var connection = await Connect();
        await Run(connection, """
            INSERT INTO goals (goal, tenant, text, status, ended, submitted_at, updated_at, last_sequence, deadline)
            SELECT 'goal-' || lpad(n::text, 8, '0'), 'default', 'x', CASE WHEN n % 11 = 0 THEN 1 ELSE 2 END, NULL, now(), now(), 5,
                   CASE WHEN n % 2 = 0 THEN NULL ELSE timestamptz '2030-01-01' + n * interval '1 minute' END
            FROM generate_series(1, 110000) n;
            ANALYZE goals
            """);
        foreach (var query in new DueQuery[] { new(Noon), new(Noon, 1, 3, 100, new("goal-00050000")) })
        {
            await using var explain = DueGoals.Command(_source!, query, "EXPLAIN (ANALYZE, BUFFERS OFF, TIMING OFF) ");
            var plan = new List<string>();
            await using (var reader = await explain.ExecuteReaderAsync(Ct))
                while (await reader.ReadAsync(Ct)) plan.Add(reader.GetString(0));
            var text = string.Join('\n', plan);
            Assert.DoesNotContain("Seq Scan", text, StringComparison.Ordinal);
            Assert.Contains("goals_moving", text, StringComparison.Ordinal);
            Assert.Contains("goals_waiting_until", text, StringComparison.Ordinal);
        }
        Assert.Equal(10_000, (await _store!.Journal.Due(new(Noon, Limit: 20_000), Ct)).Count);
    }

    private PostgresWriters Quick() =>
        new(_source!, new StorageOptions { Postgres = _connection }, TimeProvider.System) { Grace = TimeSpan.FromMilliseconds(50) };

    private async Task<NpgsqlConnection> Connect()
    {
        var connection = new NpgsqlConnection(_connection);
        await connection.OpenAsync(Ct);
        return connection;
    }

    /// <summary>Returns when that many sessions of this test's schema wait for a lock; fails when they do not come to.</summary>
    private async Task Blocked(int sessions)
    {
        using var never = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        await using var connection = await Connect();
        await using var count = new NpgsqlCommand("""
            SELECT count(DISTINCT w.pid) FROM pg_locks w JOIN pg_locks l ON l.pid = w.pid
            WHERE NOT w.granted AND l.relation = 'writers'::regclass
            """, connection);
        while ((long)(await count.ExecuteScalarAsync(Ct))! < sessions) await Task.Delay(5, never.Token);
    }

    private static async Task Run(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Ct);
    }
}
