using Microsoft.Extensions.Logging;

namespace AgentMesh.Storage.Embedded;

/// <summary>Creates and starts the server of one data folder. The caller holds the home's lock.</summary>
internal sealed class EmbeddedServer(PostgresBinaries binaries, ServerAccount account, string home, TimeProvider time, ILogger logger)
{
    private const string MajorVersion = "18";
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(5);

    private string? _sockets;

    public string Data { get; } = DataIn(home);
    private string Log => Path.Combine(Data, "server.log");

    public static string DataIn(string home) => Path.Combine(home, "postgres");

    /// <summary>Makes the data folder if there is none yet. A crash in the middle leaves nothing that counts as one.</summary>
    /// <returns>Whether it was made now.</returns>
    public async Task<bool> Initialise(CancellationToken ct)
    {
        var version = Path.Combine(Data, "PG_VERSION");
        if (File.Exists(version))
        {
            var found = (await File.ReadAllTextAsync(version, ct)).Trim();
            if (found != MajorVersion)
                throw new StorageException($"{Data} was made by PostgreSQL {found}, this is {MajorVersion}. Use the AgentMesh version that made it, or set AGENTMESH_HOME to a new folder.");
            await GiveToAccount(Data, ct);
            return false;
        }
        if (Directory.Exists(Data) && Directory.EnumerateFileSystemEntries(Data).Any())
            throw new StorageException($"{Data} holds something that is no PostgreSQL data folder. Move it away, or set AGENTMESH_HOME to another folder.");

        foreach (var left in Directory.EnumerateDirectories(home, "postgres.new-*")) Directory.Delete(left, recursive: true);
        var fresh = Path.Combine(home, $"postgres.new-{Environment.ProcessId}");
        CreateFolder(fresh, passable: false);
        await GiveToAccount(fresh, ct);
        // One syncfs instead of a thousand fsyncs, where the system has it.
        IReadOnlyList<string> sync = OperatingSystem.IsLinux() ? ["--sync-method=syncfs"] : [];
        await Command.Require(
            account.Command([
                binaries.InitDb, "-D", fresh, "-U", ServerConfiguration.Superuser, "--auth=trust", "--encoding=UTF8", "--locale=C",
                "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions", .. sync]),
            $"The database folder {Data} could not be made; check that its disk has 100 MB free.", ct);
        if (Directory.Exists(Data)) Directory.Delete(Data);
        Directory.Move(fresh, Data);
        return true;
    }

    /// <summary>Returns a server that accepts connections: the one a crashed host left, if it still fits, else a new one.</summary>
    public async Task<(Postmaster Server, bool Adopted)> Start(CancellationToken ct)
    {
        if (Postmaster.Read(Data) is { } left && left.IsAlive())
        {
            if (ServerConfiguration.IsCurrent(Data) && File.Exists(SocketOf(left)))
            {
                _sockets = left.SocketFolder;
                return (await UntilReady(logged: null, ct), true);
            }
            await left.Stop(time, logger);
        }
        // A server started again keeps its socket's place: connection strings are out already.
        Postmaster.Forget(Data, keep: _sockets);
        if (_sockets is null)
        {
            _sockets = SocketFolders.For(Data, ServerConfiguration.Port);
            if (_sockets != Data) await GiveToAccount(_sockets, ct);
        }
        ServerConfiguration.Write(Data, _sockets);
        if (File.Exists(Log) && new FileInfo(Log).Length > 8 * 1024 * 1024) File.Move(Log, Log + ".1", overwrite: true);

        var since = time.GetTimestamp();
        while (true)
        {
            var logged = File.Exists(Log) ? new FileInfo(Log).Length : 0;
            // pg_ctl gives the server a session of its own: Ctrl-C in the terminal is for the host, which stops the server when it is done.
            await Command.Require(account.Command(binaries.Control, "-D", Data, "-W", "-s", "-l", Log, "start"), "PostgreSQL could not be started.", ct);
            try
            {
                return (await UntilReady(logged, ct), false);
            }
            catch (StorageException) when (time.GetElapsedTime(since) < StartPatience && LogTail().Contains("still in use", StringComparison.Ordinal))
            {
                // Sessions of a killed server hold its shared memory for a moment longer.
                await Task.Delay(TimeSpan.FromMilliseconds(50), time, ct);
            }
        }
    }

    private static string SocketOf(Postmaster server) => Path.Combine(server.SocketFolder, $".s.PGSQL.{server.Port}");

    /// <param name="logged">The log's length before this start; null when the server runs already.</param>
    private async Task<Postmaster> UntilReady(long? logged, CancellationToken ct)
    {
        var since = time.GetTimestamp();
        while (true)
        {
            var server = Postmaster.Read(Data);
            if (server is { Ready: true } && server.IsAlive()) return server;
            var waited = time.GetElapsedTime(since);
            var gaveUp = server is null
                ? logged is null || LogSince(logged.Value).Contains("FATAL: ", StringComparison.Ordinal)
                : waited > TimeSpan.FromSeconds(1) && !server.IsAlive();
            if (gaveUp || waited > StartPatience)
                throw new StorageException($"PostgreSQL did not become ready{(gaveUp ? "" : $" within {StartPatience.TotalSeconds} s")}. Its log {Log} ends with: {LogTail()}");
            await Task.Delay(Poll, time, ct);
        }
    }

    private string LogTail() => LogSince(Math.Max(0, (File.Exists(Log) ? new FileInfo(Log).Length : 0) - 600)).Trim().ReplaceLineEndings(" | ");

    private string LogSince(long offset)
    {
        if (!File.Exists(Log)) return "";
        using var file = new FileStream(Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Seek(Math.Min(offset, file.Length), SeekOrigin.Begin);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }

    private async Task GiveToAccount(string folder, CancellationToken ct)
    {
        if (account.Owner is null) return;
        var (_, owner) = await Command.Run(["stat", "-c", "%u:%g", folder], ct);
        if (owner == account.Owner) return;
        await Command.Require(["chown", "-R", "-h", account.Owner, folder], $"{folder} could not be given to the account '{account.Name}'.", ct);
    }

    /// <param name="passable">Other accounts may go through it to what they own inside.</param>
    public static void CreateFolder(string path, bool passable)
    {
        const UnixFileMode own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (OperatingSystem.IsWindows()) throw new PlatformNotSupportedException();
        Directory.CreateDirectory(path, passable ? own | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute : own);
    }
}
