using AgentMesh.Agents;
using AgentMesh.Cli.Commands;
using AgentMesh.Cli.Output;
using AgentMesh.Contracts;
using AgentMesh.Hosting;
using AgentMesh.Hosting.Telemetry;
using AgentMesh.Local;
using AgentMesh.Runtime;
using AgentMesh.Runtime.Activity;
using AgentMesh.Storage;
using AgentMesh.Storage.Embedded;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Cli.Hosting;

/// <summary>
/// The composition: storage, catalogue, tools, models, and either the engine of this process or the way to the one that another process runs.
/// Read top to bottom it is the list of what a single-process mesh is made of.
/// </summary>
internal sealed class MeshHost : IMeshAccess
{
    private static readonly TimeSpan AttachedPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan HomePatience = TimeSpan.FromSeconds(3);

    private readonly LocalEngine? hosted;
    private readonly HomeLock? taken;
    private readonly InboxReader? inbox;
    private readonly ActivityRecorder? activity;
    private readonly HostTelemetry? telemetry;

    private MeshHost(PostgresStore store, HomeLock? homeLock, HostParts parts, Terminal terminal, LocalEngine? engine, ActivityRecorder? activity = null, IOperations? operations = null, HostTelemetry? telemetry = null)
    {
        (Store, taken, hosted, this.activity, Operations, this.telemetry) = (store, homeLock, engine, activity, operations, telemetry);
        (Parts, User) = (parts, UserOf(terminal));
        Inputs = new GoalInputs(parts.Attachments, store.Content, parts.Runtime);
        Mesh = engine is null
            ? new AttachedMesh(store.Journal, store.Inbox, parts.Catalogue, terminal.Time)
            : new LocalMesh(engine, store.Journal, parts.Catalogue, new TimeOrderedGoalIds(terminal.Time));
        inbox = engine is null ? null : InboxReader.Start(store.Inbox, engine, parts.Loggers.CreateLogger<InboxReader>());
    }

    public IMesh Mesh { get; }

    /// <summary>What this process did; null where another one runs the mesh.</summary>
    public ActivityRecorder? Activity => activity;

    /// <summary>This process as a cluster of one; null where another one runs the mesh.</summary>
    public IOperations? Operations { get; }
    public HostParts Parts { get; }
    public string User { get; }
    public IKnowledge Knowledge => Store.Knowledge;
    public GoalInputs Inputs { get; }
    public PostgresStore Store { get; }

    /// <summary>Starts the mesh in this process and takes up every unfinished goal.</summary>
    /// <exception cref="StorageException">Another host runs on this home, or the store cannot be started.</exception>
    /// <param name="decorate">Puts something between the engine and the journal, for tests that break it.</param>
    /// <param name="roles">What the process is for, as operators see it; null for agents alone.</param>
    public static async Task<MeshHost> Open(
        Terminal terminal, CancellationToken ct, Func<IJournal, IJournal>? decorate = null, IReadOnlyList<string>? roles = null)
    {
        var tells = HostTelemetry.Start(terminal.Environment, Environment.MachineName, VersionCommand.Number);
        var loggers = Logging.Factory(terminal, tells);
        // Before anything starts: a wrong file should not cost a second.
        using (var models = ConfiguredModels.Create(terminal.Environment, terminal.Time, loggers)) models.Find();
        var (store, homeLock) = await OpenStore(terminal, loggers, ct);
        HostParts? parts = null;
        try
        {
            parts = HostParts.Create(terminal.Environment, terminal.Time, loggers, store.Knowledge).RequireSound();
            using (var line = new LoadLine(terminal)) await parts.Configured.Load(line.Show, ct);
            var journal = decorate?.Invoke(store.Journal) ?? store.Journal;
            LocalEngine? engine = null;
            var recorder = new ActivityRecorder(Environment.MachineName, terminal.Time, () => Environment.WorkingSet, () => engine?.Goals ?? 0);
            var (planner, steps) = (parts.Planner(), parts.Steps(store.Content, activity: recorder));
            engine = new LocalEngine(
                new LocalOptions(), journal, host => new GoalWork(host, planner, new LocalAttempts(host, steps, loggers.CreateLogger<LocalAttempts>()), loggers.CreateLogger<GoalWork>()),
                $"{Environment.ProcessId}-{terminal.Time.GetUtcNow().ToUnixTimeMilliseconds()}", terminal.Time, loggers.CreateLogger<LocalEngine>(), recorder);
            await engine.Recover(ct);
            return new MeshHost(
                store, homeLock, parts, terminal, engine, recorder,
                new LocalOperations(Environment.MachineName, roles ?? ["agents"], VersionCommand.Number, terminal.Time.GetUtcNow(), recorder), tells);
        }
        catch
        {
            parts?.Configured.Dispose();
            await store.DisposeAsync();
            homeLock?.Dispose();
            tells?.Dispose();
            throw;
        }
    }

    /// <summary>The mesh of the process that already runs on this home, or one of our own.</summary>
    public static async Task<MeshHost> OpenOrAttach(Terminal terminal, CancellationToken ct) => Attach(terminal) ?? await Open(terminal, ct);

    /// <summary>Like <see cref="OpenOrAttach"/>, but takes up no goal: for commands that only look.</summary>
    public static async Task<MeshHost> OpenForReading(Terminal terminal, CancellationToken ct)
    {
        if (Attach(terminal) is { } attached) return attached;
        var loggers = Logging.Factory(terminal);
        var (store, homeLock) = await OpenStore(terminal, loggers, ct);
        try
        {
            return new MeshHost(store, homeLock, HostParts.Create(terminal.Environment, terminal.Time, loggers, store.Knowledge), terminal, null);
        }
        catch
        {
            await store.DisposeAsync();
            homeLock?.Dispose();
            throw;
        }
    }

    public async Task<GoalId> Submit(GoalSpec spec, IReadOnlyList<AttachedFile> files, Action<string> warn, CancellationToken ct) =>
        await Mesh.Submit(spec with { Inputs = await Inputs.Read(files, warn, ct) }, ct: ct);

    public static string UserOf(Terminal terminal) => terminal.Environment("AGENTMESH_USER") ?? terminal.Environment("USER") ?? "local";

    public async ValueTask DisposeAsync()
    {
        if (inbox is not null) await inbox.DisposeAsync();
        if (hosted is not null) await hosted.DisposeAsync();
        activity?.Dispose();
        Parts.Configured.Dispose();
        await Store.DisposeAsync();
        taken?.Dispose();
        telemetry?.Dispose();
    }

    /// <summary>The store of this home for this process alone. A command that only looks holds it for a moment, so a taken home is tried again.</summary>
    private static async Task<(PostgresStore Store, HomeLock? Lock)> OpenStore(Terminal terminal, ILoggerFactory loggers, CancellationToken ct)
    {
        var options = StorageOptions.FromEnvironment(terminal.Environment);
        var since = terminal.Time.GetTimestamp();
        while (true)
        {
            HomeLock? homeLock = null;
            try
            {
                if (options.Postgres is not null) homeLock = HomeLock.Take(Directory.CreateDirectory(Path.GetFullPath(options.Home)).FullName);
                return (await PostgresStore.Open(options, terminal.Time, loggers, ct), homeLock);
            }
            catch (HomeInUseException) when (terminal.Time.GetElapsedTime(since) < HomePatience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), terminal.Time, ct);
            }
            catch
            {
                homeLock?.Dispose();
                throw;
            }
        }
    }

    private static MeshHost? Attach(Terminal terminal)
    {
        var loggers = Logging.Factory(terminal);
        var options = StorageOptions.FromEnvironment(terminal.Environment);
        // The server may end with its host at any time: whoever only looks need not wait long for it to come back.
        if (options.JournalPatience > AttachedPatience) options = options with { JournalPatience = AttachedPatience };
        var store = PostgresStore.TryAttach(options, terminal.Time, loggers);
        return store is null ? null : new MeshHost(store, null, HostParts.Create(terminal.Environment, terminal.Time, loggers, store.Knowledge), terminal, null);
    }
}
