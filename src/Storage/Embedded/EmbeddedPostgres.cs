using Microsoft.Extensions.Logging;
using Npgsql;

namespace AgentMesh.Storage.Embedded;

/// <summary>What <c>doctor</c> tells about the server.</summary>
/// <param name="Account">The system account that the server runs under.</param>
/// <param name="Initialised">The data folder was made by this start.</param>
/// <param name="Adopted">The server was left by a crashed host and taken over.</param>
/// <param name="Took">From the call to the first answered query.</param>
public sealed record StartupInfo(
    string DataFolder, string SocketFolder, string BinFolder, int ProcessId, string Version, string Account, bool Initialised, bool Adopted, TimeSpan Took);

/// <summary>
/// A PostgreSQL server of our own under <c>home/postgres</c>, reached by a Unix socket that only this account (and root) can open. One host per
/// home. While this object lives, a server that dies is started again; when it is disposed, the server stops.
/// </summary>
public sealed class EmbeddedPostgres : IAsyncDisposable
{
    public const string Database = "agentmesh";

    private readonly HomeLock _lock;
    private readonly EmbeddedServer _server;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private Postmaster _postmaster;
    private Task _supervision = Task.CompletedTask;

    private EmbeddedPostgres(HomeLock homeLock, EmbeddedServer server, Postmaster postmaster, TimeProvider time, ILogger logger)
    {
        (_lock, _server, _postmaster, _time, _logger) = (homeLock, server, postmaster, time, logger);
        StartupInfo = null!;
    }

    /// <summary>For the mesh's own database, as its owner, who is no superuser.</summary>
    public string ConnectionString => ConnectionTo(_postmaster.SocketFolder, Database, Database);

    /// <summary>For creating databases and roles, and for nothing else.</summary>
    public string AdministratorConnectionString => ConnectionTo(_postmaster.SocketFolder, ServerConfiguration.Superuser, ServerConfiguration.Superuser);

    public StartupInfo StartupInfo { get; private set; }

    /// <summary>The server's process as of now; it changes when a dead server was started again.</summary>
    public int ProcessId => _postmaster.ProcessId;

    /// <summary>Takes the home's lock, makes the data folder if need be, and returns when the first query was answered.</summary>
    /// <exception cref="HomeInUseException">Another host runs on this home.</exception>
    /// <exception cref="StorageException">There is no server for this machine, or it does not start.</exception>
    public static async Task<EmbeddedPostgres> Start(StorageOptions options, TimeProvider time, ILogger logger, CancellationToken ct = default)
    {
        if (OperatingSystem.IsWindows())
            throw new StorageException("The embedded PostgreSQL runs on Linux and macOS. Set AGENTMESH_POSTGRES to a server's connection string.");
        var since = time.GetTimestamp();
        var home = Path.GetFullPath(options.Home);
        // As root the folder stays passable, so that the server's account can reach its own folder inside; that one is closed.
        EmbeddedServer.CreateFolder(home, passable: Environment.IsPrivilegedProcess);

        var homeLock = HomeLock.Take(home);
        try
        {
            var binaries = PostgresBinaries.Find(options.PostgresBin);
            var account = await ServerAccount.Choose(binaries, home, ct);
            var server = new EmbeddedServer(binaries, account, home, time, logger);
            var made = await server.Initialise(ct);
            var (postmaster, adopted) = await server.Start(ct);
            var postgres = new EmbeddedPostgres(homeLock, server, postmaster, time, logger);
            var version = await postgres.EnsureDatabase(ct);
            postgres.StartupInfo = new(
                server.Data, postmaster.SocketFolder, binaries.Folder, postmaster.ProcessId, version, account.Name, made, adopted, time.GetElapsedTime(since));
            postgres._supervision = Task.Run(postgres.Supervise, CancellationToken.None);
            EmbeddedLog.Started(
                logger, version, postmaster.ProcessId, server.Data, account.Name, made ? "new" : adopted ? "taken over" : "started",
                (long)postgres.StartupInfo.Took.TotalMilliseconds);
            return postgres;
        }
        catch
        {
            homeLock.Dispose();
            throw;
        }
    }

    /// <summary>The connection string of the server that a running host has on this home; null when none runs. For reading beside that host.</summary>
    /// <remarks>A server alone is no host: a crashed one leaves its server behind, for the next to take over.</remarks>
    public static string? TryAttach(string home) =>
        HomeLock.IsHeld(Path.GetFullPath(home)) &&
        Postmaster.Read(EmbeddedServer.DataIn(Path.GetFullPath(home))) is { Ready: true } server && server.IsAlive()
            ? ConnectionTo(server.SocketFolder, Database, Database)
            : null;

    /// <summary>Stops the server: fast, then immediate, then by force, each with its time limit.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested) return;
        await _stopping.CancelAsync();
        await _supervision;
        if (_postmaster.IsAlive()) await _postmaster.Stop(_time, _logger);
        SocketFolders.Remove(_postmaster.SocketFolder);
        _lock.Dispose();
        _stopping.Dispose();
    }

    private async Task<string> EnsureDatabase(CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(AdministratorConnectionString + ";Pooling=false");
        await connection.OpenAsync(ct);
        await using var exists = new NpgsqlCommand($"SELECT 1 FROM pg_database WHERE datname = '{Database}'", connection);
        if (await exists.ExecuteScalarAsync(ct) is null)
        {
            foreach (var sql in new[]
            {
                $"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{Database}') THEN CREATE ROLE {Database} LOGIN; END IF; END $$",
                $"CREATE DATABASE {Database} OWNER {Database}",
                $"REVOKE ALL ON DATABASE {Database} FROM PUBLIC",
            })
            {
                await using var command = new NpgsqlCommand(sql, connection);
                await command.ExecuteNonQueryAsync(ct);
            }
        }
        return connection.PostgreSqlVersion.ToString();
    }

    private async Task Supervise()
    {
        var pause = TimeSpan.FromMilliseconds(100);
        try
        {
            while (true)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), _time, _stopping.Token);
                if (_postmaster.IsAlive()) continue;
                EmbeddedLog.Gone(_logger, _postmaster.ProcessId);
                try
                {
                    (_postmaster, _) = await _server.Start(_stopping.Token);
                    pause = TimeSpan.FromMilliseconds(100);
                }
                catch (Exception failed) when (failed is StorageException or IOException)
                {
                    pause = TimeSpan.FromSeconds(Math.Min(pause.TotalSeconds * 2, 5));
                    EmbeddedLog.RestartFailed(_logger, pause.TotalSeconds, failed);
                    await Task.Delay(pause, _time, _stopping.Token);
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The host is stopping.
        }
    }

    private static string ConnectionTo(string sockets, string database, string role) => new NpgsqlConnectionStringBuilder
    {
        Host = sockets, Port = ServerConfiguration.Port, Database = database, Username = role, SslMode = SslMode.Disable, GssEncryptionMode = GssEncryptionMode.Disable,
        ApplicationName = $"agentmesh/{Environment.ProcessId}",
    }.ConnectionString;
}
