using System.Diagnostics;
using AgentMesh.Contracts;
using AgentMesh.Runtime;
using AgentMesh.Storage.Embedded;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace AgentMesh.Storage.Tests;

public sealed class EmbeddedPostgresTests : IDisposable
{
    private readonly TemporaryHome _home = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task A_fresh_home_gets_a_durable_server_that_only_we_can_reach()
    {
        await using var server = await Start();
        Assert.True(server.StartupInfo.Initialised);
        Assert.False(server.StartupInfo.Adopted);
        Assert.Equal("on|on|on|", await Ask(server, "SELECT current_setting('fsync') || '|' || current_setting('synchronous_commit') || '|' || current_setting('full_page_writes') || '|' || current_setting('listen_addresses')"));
        Assert.Equal("agentmesh|false", await Ask(server, "SELECT current_user || '|' || (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)"));
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(server.StartupInfo.SocketFolder) & others);
        // Root's server runs under another account, in spite of the closed folder.
        if (Environment.IsPrivilegedProcess) Assert.NotEqual("root", server.StartupInfo.Account);
    }

    [Fact]
    public async Task A_second_start_finds_everything_again()
    {
        await using (var server = await Start()) await Ask(server, "CREATE TABLE kept AS SELECT 42 AS answer");
        await using var again = await Start();
        Assert.False(again.StartupInfo.Initialised);
        Assert.Equal("42", await Ask(again, "SELECT answer::text FROM kept"));
    }

    [Fact]
    public async Task A_second_host_on_the_same_home_is_refused_by_name()
    {
        await using var server = await Start();
        var refused = await Assert.ThrowsAsync<HomeInUseException>(Start);
        Assert.Equal(Environment.ProcessId, refused.ProcessId);
        Assert.Contains($"process {Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
        Assert.Contains(_home.Home, refused.Message, StringComparison.Ordinal);
        Assert.Equal("1", await Ask(server, "SELECT '1'"));
    }

    [Fact]
    public async Task Another_process_can_attach_while_the_host_runs_and_only_then()
    {
        Assert.Null(EmbeddedPostgres.TryAttach(_home.Home));
        await using (var server = await Start())
        {
            await using var connection = new NpgsqlConnection(EmbeddedPostgres.TryAttach(_home.Home) + ";Pooling=false");
            await connection.OpenAsync(Ct);
        }
        Assert.Null(EmbeddedPostgres.TryAttach(_home.Home));
    }

    [Fact]
    public async Task A_home_with_a_long_path_gets_its_socket_elsewhere_and_leaves_nothing_there()
    {
        var options = _home.Options with { Home = Path.Combine(_home.Home, new string('x', 120)) };
        Directory.CreateDirectory(_home.Home);
        string sockets;
        await using (var server = await EmbeddedPostgres.Start(options, TimeProvider.System, NullLogger.Instance, Ct))
        {
            sockets = server.StartupInfo.SocketFolder;
            Assert.False(sockets.StartsWith(_home.Home, StringComparison.Ordinal));
            Assert.Equal("1", await Ask(server, "SELECT '1'"));
            // A server that is started again keeps its address.
            Signal("KILL", server.ProcessId);
            await UntilAnswers(server);
            Assert.Equal("1", await Ask(server, "SELECT '1'"));
        }
        Assert.False(Directory.Exists(sockets));
    }

    [Theory]
    [InlineData("KILL")]
    [InlineData("QUIT")]
    public async Task A_server_that_dies_under_load_comes_back_and_nothing_acknowledged_is_lost(string signal)
    {
        await using var store = await PostgresStore.Open(_home.Options, TimeProvider.System, NullLoggerFactory.Instance, Ct);
        var goals = Enumerable.Range(0, 16).Select(n => new GoalId($"goal-{n}")).ToArray();
        using var stop = new CancellationTokenSource();
        var work = goals.Select(goal => Task.Run(async () =>
        {
            var acknowledged = 0L;
            while (!stop.IsCancellationRequested) await Append(store.Journal, goal, acknowledged++);
            return acknowledged;
        })).ToArray();
        for (var kills = 0; kills < 3; kills++)
        {
            var before = store.Embedded!.ProcessId;
            await UntilWritten(store, goals[0], (kills + 1) * 5);
            Signal(signal, before);
            while (store.Embedded.ProcessId == before) await Task.Delay(10, Ct);
        }
        await UntilWritten(store, goals[0], 30);
        await stop.CancelAsync();
        var acknowledged = await Task.WhenAll(work);
        for (var i = 0; i < goals.Length; i++)
            Assert.Equal(Enumerable.Range(1, (int)acknowledged[i]).Select(n => $"{n}"), Texts(await store.Journal.Read(goals[i], 0, Ct)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_killed_host_blocks_nothing_and_loses_nothing(bool serverToo)
    {
        long last = 0;
        for (var life = 0; life < 3; life++)
        {
            using var host = Host.Start(_home.Home);
            for (var n = 0; n < 20; n++) last = await host.Acknowledged(Ct);
            var server = Postmaster.Read(EmbeddedServer.DataIn(_home.Home))!;
            if (serverToo) Signal("KILL", server.ProcessId);
            last = await host.Kill(last, Ct);
            // A killed process takes its time to be gone.
            while (serverToo && server.IsAlive()) await Task.Delay(10, Ct);
            Assert.Equal(!serverToo, server.IsAlive());
        }
        await using var store = await PostgresStore.Open(_home.Options, TimeProvider.System, NullLoggerFactory.Instance, Ct);
        Assert.Equal(!serverToo, store.Embedded!.StartupInfo.Adopted);
        var texts = Texts(await store.Journal.Read(Host.Goal, 0, Ct)).ToArray();
        Assert.True(texts.Length >= last, $"{texts.Length} stored, {last} acknowledged");
        Assert.Equal(Enumerable.Range(1, texts.Length).Select(n => $"{n}"), texts);
    }

    [Fact]
    public async Task A_crash_while_the_data_folder_is_made_leaves_nothing_that_counts_as_one()
    {
        Directory.CreateDirectory(Path.Combine(_home.Home, "postgres.new-4711", "base"));
        Directory.CreateDirectory(Path.Combine(_home.Home, "postgres"));
        await using var server = await Start();
        Assert.True(server.StartupInfo.Initialised);
        Assert.False(Directory.Exists(Path.Combine(_home.Home, "postgres.new-4711")));
    }

    [Fact]
    public async Task A_data_folder_of_another_version_or_of_somebody_else_is_left_alone()
    {
        var data = Directory.CreateDirectory(Path.Combine(_home.Home, "postgres")).FullName;
        await File.WriteAllTextAsync(Path.Combine(data, "precious.txt"), "mine", Ct);
        Assert.Contains("no PostgreSQL data folder", (await Assert.ThrowsAsync<StorageException>(Start)).Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(data, "PG_VERSION"), "12\n", Ct);
        Assert.Contains("made by PostgreSQL 12", (await Assert.ThrowsAsync<StorageException>(Start)).Message, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(Path.Combine(data, "precious.txt"), Ct));
    }

    [Fact]
    public async Task A_missing_server_program_is_said_with_what_to_do()
    {
        var options = _home.Options with { PostgresBin = Path.Combine(_home.Home, "nowhere") };
        var failed = await Assert.ThrowsAsync<StorageException>(() => EmbeddedPostgres.Start(options, TimeProvider.System, NullLogger.Instance, Ct));
        Assert.Contains("AGENTMESH_PG_BIN", failed.Message, StringComparison.Ordinal);
        // The failed start holds no lock.
        await using var server = await Start();
    }

    private Task<EmbeddedPostgres> Start() => EmbeddedPostgres.Start(_home.Options, TimeProvider.System, NullLogger.Instance, Ct);

    private static async Task Append(IJournal journal, GoalId goal, long expected) =>
        await journal.Append(new(goal, expected, [new(expected + 1, DateTimeOffset.UnixEpoch, new MessageReceived("t", $"{expected + 1}"))], null, "test"));

    private static IEnumerable<string> Texts(IEnumerable<JournalEntry> entries) => entries.Select(e => ((MessageReceived)e.Event).Text);

    private static async Task UntilWritten(PostgresStore store, GoalId goal, int entries)
    {
        while ((await store.Journal.Read(goal, 0, Ct)).Count < entries) await Task.Delay(5, Ct);
    }

    private static async Task UntilAnswers(EmbeddedPostgres server)
    {
        var before = server.ProcessId;
        while (server.ProcessId == before) await Task.Delay(10, Ct);
    }

    private static void Signal(string signal, int process)
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {process}"]);
        kill.WaitForExit();
    }

    private static async Task<string> Ask(EmbeddedPostgres server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Ct);
        await using var command = new NpgsqlCommand(sql, connection);
        return (string?)await command.ExecuteScalarAsync(Ct) ?? "";
    }
}
