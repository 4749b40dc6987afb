using AgentMesh.Contracts;
using AgentMesh.Runtime;
using AgentMesh.Storage;
using Npgsql;

namespace AgentMesh.Conformance;

/// <summary>The port's rules on PostgreSQL, and what only a journal with a server behind it can get wrong.</summary>
public sealed class PostgresJournalTests(PostgresServer server) : JournalConformance, IAsyncLifetime
{
    private string _connection = "";
    private PostgresStore? _store;

    public async ValueTask InitializeAsync()
    {
        _connection = await server.NewSchema();
        _store = await PostgresServer.Open(_connection);
    }

    public ValueTask DisposeAsync() => _store!.DisposeAsync();

    protected override Task<IJournal> Open() => Task.FromResult<IJournal>(_store!.Journal);

    protected override IUsage Usage(IJournal journal) => _store!.Usage;

    [Fact]
    public async Task Connections_cut_at_any_moment_lose_and_repeat_nothing()
    {
        var journal = await Open();
        var goals = Enumerable.Range(0, 24).Select(_ => NewGoal()).ToArray();
        var work = Task.WhenAll(goals.Select(goal => Task.Run(async () =>
        {
            for (var i = 0; i < 40; i++) await journal.Append(Append(goal, i * 2, $"{i}", "x"), Ct);
        })));
        var cuts = 0;
        while (!work.IsCompleted)
        {
            cuts += await Execute($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE 'WITH incoming%'");
            await Task.WhenAny(work, Task.Delay(15, Ct));
        }
        await work;
        Assert.True(cuts > 0);
        foreach (var goal in goals)
            Assert.Equal(Enumerable.Range(0, 40).Select(i => $"{i}"), Texts(await journal.Read(goal, 0, Ct)).Where((_, i) => i % 2 == 0));
    }

    [Fact]
    public async Task Two_hosts_on_the_same_goals_never_both_win_and_never_deadlock()
    {
        await using var other = await PostgresServer.Open(_connection);
        IJournal[] hosts = [_store!.Journal, other.Journal];
        var goals = Enumerable.Range(0, 20).Select(_ => NewGoal()).ToArray();
        for (var round = 0; round < 5; round++)
        {
            var expected = round;
            var wins = await Task.WhenAll(
                from goal in goals from host in new[] { 0, 1 }
                select Task.Run(async () =>
                {
                    try
                    {
                        await hosts[host].Append(Append(goal, expected, $"{expected}") with { Writer = $"host-{host}", Summary = Summary(goal, GoalStatus.Running) }, Ct);
                        return (goal, won: 1);
                    }
                    catch (StaleWriterException)
                    {
                        return (goal, won: 0);
                    }
                }));
            Assert.All(wins.GroupBy(w => w.goal), g => Assert.Equal(1, g.Sum(w => w.won)));
        }
    }

    [Fact]
    public async Task A_full_disk_is_named_and_outlasted()
    {
        await Execute("CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$");
        await Execute("CREATE TRIGGER full_disk BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION full_disk()");
        await using (var impatient = await PostgresServer.Open(_connection, o => o with { JournalPatience = TimeSpan.FromMilliseconds(200) }))
        {
            var full = await Assert.ThrowsAsync<JournalUnavailableException>(async () => await impatient.Journal.Append(Append(NewGoal(), 0, "x"), Ct));
            Assert.Contains("disk is full", full.Message, StringComparison.Ordinal);
        }

        var goal = NewGoal();
        var waiting = _store!.Journal.Append(Append(goal, 0, "patient"), Ct).AsTask();
        Assert.False(waiting.IsCompleted);
        await Execute("DROP TRIGGER full_disk ON journal");
        await waiting;
        Assert.Equal(["patient"], Texts(await _store.Journal.Read(goal, 0, Ct)));
    }

    [Fact]
    public async Task An_append_that_cannot_be_stored_fails_alone()
    {
        await Execute("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.writer = 'bad' THEN RAISE EXCEPTION 'refused' USING ERRCODE = '22000'; END IF; RETURN NEW; END $$");
        await Execute("CREATE TRIGGER refuse BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION refuse()");
        var journal = await Open();
        var goals = Enumerable.Range(0, 60).Select(_ => NewGoal()).ToArray();
        var refused = await Task.WhenAll(goals.Select(async (goal, i) =>
        {
            try
            {
                await journal.Append(Append(goal, 0, "x") with { Writer = i % 7 == 3 ? "bad" : "good" }, Ct);
                return false;
            }
            catch (JournalUnavailableException)
            {
                return true;
            }
        }));
        Assert.Equal(goals.Select((_, i) => i % 7 == 3), refused);
    }

    [Fact]
    public async Task A_store_that_hangs_ends_the_wait_and_a_repeat_finds_what_was_written_after_all()
    {
        await using var impatient = await PostgresServer.Open(_connection, o => o with { JournalPatience = TimeSpan.FromMilliseconds(300), JournalQueue = 4, JournalWriters = 1 });
        var append = Append(NewGoal(), 0, "late");
        await using (var connection = new NpgsqlConnection(_connection))
        {
            await connection.OpenAsync(Ct);
            await using var transaction = await connection.BeginTransactionAsync(Ct);
            await using (var hold = new NpgsqlCommand("LOCK TABLE journal IN EXCLUSIVE MODE", connection)) await hold.ExecuteNonQueryAsync(Ct);
            // More than the queue holds: those that find no place give up as well.
            var all = Enumerable.Range(0, 12).Select(_ => Append(NewGoal(), 0, "y")).Prepend(append).Select(a => impatient.Journal.Append(a, Ct).AsTask()).ToArray();
            foreach (var one in all) await Assert.ThrowsAsync<JournalUnavailableException>(() => one);
            await transaction.RollbackAsync(Ct);
        }
        await _store!.Journal.Append(append, Ct);
        Assert.Equal(["late"], Texts(await _store.Journal.Read(append.Goal, 0, Ct)));
    }

    [Fact]
    public async Task Among_a_hundred_thousand_goals_every_statement_goes_by_an_index()
    {
        // The statistics are those that this test sets, whenever the server would take its own.
        await Execute("ALTER TABLE journal SET (autovacuum_enabled = false); ALTER TABLE goals SET (autovacuum_enabled = false)");
        await Execute("INSERT INTO journal SELECT 'old-' || lpad(n::text, 8, '0'), 1, 5, 'w', '\\x5b5d' FROM generate_series(1, 100000) n");
        await Execute("INSERT INTO goals (goal, tenant, text, status, ended, submitted_at, updated_at, last_sequence) SELECT 'old-' || lpad(n::text, 8, '0'), 'default', 'x', 3, 3, now(), now(), 5 FROM generate_series(1, 100000) n");
        await Execute("ANALYZE journal; ANALYZE goals");
        await using (var store = await PostgresServer.Open(_connection + ";Application Name=counted"))
        {
            for (var n = 0; n < 40; n++)
            {
                var goal = NewGoal();
                for (var i = 0; i < 5; i++)
                    await store.Journal.Append(Append(goal, i, "x") with { Summary = Summary(goal, GoalStatus.Running) }, Ct);
                Assert.Equal(4, (await store.Journal.Read(goal, 1, Ct)).Count);
                await store.Journal.List(new(), Ct);
                await store.Journal.List(new("default", [GoalStatus.Running], 20, new("zzz")), Ct);
                await store.Journal.List(new(null, [GoalStatus.Failed, GoalStatus.Cancelled], 20), Ct);
            }
            Assert.Equal(40, (await store.Journal.Unfinished(Ct)).Count);
        }
        // Sessions report their counts when they end, a moment after they were closed.
        while (await Execute("SELECT 1 FROM pg_stat_activity WHERE application_name = 'counted'") > 0) await Task.Delay(10, Ct);
        await using var connection = new NpgsqlConnection(_connection);
        await connection.OpenAsync(Ct);
        await using var counts = new NpgsqlCommand(
            "SELECT sum(seq_scan)::bigint, sum(idx_scan)::bigint FROM pg_stat_user_tables WHERE schemaname = current_schema() AND relname IN ('journal', 'goals')", connection);
        await using var reader = await counts.ExecuteReaderAsync(Ct);
        await reader.ReadAsync(Ct);
        Assert.InRange(reader.GetInt64(1), 400, long.MaxValue);
        Assert.Equal(0, reader.GetInt64(0));
    }

    private async Task<int> Execute(string sql)
    {
        await using var connection = new NpgsqlConnection(_connection);
        await connection.OpenAsync(Ct);
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(Ct);
        var rows = 0;
        while (await reader.ReadAsync(Ct)) rows++;
        return rows;
    }
}
