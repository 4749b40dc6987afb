using System.Collections.Concurrent;
using AgentMesh.Crash;
using AgentMesh.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMesh.ClusterCrash;

/// <summary>A cluster of real processes on this machine: a database, a ticket service that outlives everything, silos that do not.</summary>
internal sealed class World : IAsyncDisposable
{
    public const string Knowledge = "support";

    private readonly string folder;
    private readonly TicketWitness tickets;
    private readonly Reaper reaper;
    private readonly Dictionary<string, string> environment;
    private readonly ConcurrentDictionary<string, Silo> living = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<Silo> all = [];
    private int named;

    private World(string folder, Database database, TicketWitness tickets, Reaper reaper)
    {
        (this.folder, Database, this.tickets, this.reaper) = (folder, database, tickets, reaper);
        environment = new(StringComparer.Ordinal)
        {
            ["AGENTMESH_POSTGRES"] = database.Connection, ["AGENTMESH_CLUSTER"] = "crash", ["AGENTMESH_TICKETS_URL"] = tickets.Url,
            // Silos here live for seconds: compiling them for a long life would take the time that the goals need.
            ["DOTNET_TieredPGO"] = "0",
            ["AGENTMESH_HOME"] = Path.Combine(folder, "silos"), ["AGENTMESH_LOG"] = Environment.GetEnvironmentVariable("CLUSTER_CRASH_LOG") ?? "warning",
        };
    }

    public Database Database { get; }

    /// <summary>Silos that take requests, as far as anybody can know.</summary>
    public IReadOnlyList<Silo> Living => [.. living.Values];

    /// <summary>Silos that were killed, frozen or cut off: their address, and when.</summary>
    public ConcurrentDictionary<string, DateTimeOffset> Faults { get; } = new(StringComparer.Ordinal);

    /// <summary>Why silos had to be started again before they were ready.</summary>
    public ConcurrentBag<string> FailedStarts { get; } = [];

    /// <param name="delay">How long the ticket service holds each ticket: what keeps goals in flight without work for the processor.</param>
    /// <param name="network">Where the silos are in networks of their own.</param>
    public static async Task<World> Start(TimeSpan delay, Network? network = null)
    {
        Assert.SkipUnless(File.Exists(Programs.Of("src/Silo")), "The silo program is not built: the configured NuGet sources cannot restore Orleans.");
        var home = Directory.CreateTempSubdirectory("agentmesh-cluster-").FullName;
        var guard = Reaper.Start(home);
        var database = await Database.Start(Path.Combine(home, "home"), network?.StoreAddress);
        await using (await PostgresStore.Open(new StorageOptions { Postgres = database.Connection }, TimeProvider.System, NullLoggerFactory.Instance))
        {
            // Opening it brings the schema up to date, once and not in three silos at once.
        }

        var service = await TicketWitness.Start(home, $"http://{network?.StoreAddress ?? "127.0.0.1"}:0", delay);
        guard.Watch(service.ProcessId);
        return new World(home, database, service, guard);
    }

    /// <summary>Starts silos side by side, and returns when they take requests.</summary>
    public async Task StartSilos(int count)
    {
        await Task.WhenAll(Enumerable.Range(0, count).Select(_ => StartSilo()));
        await AddKnowledge();
    }

    /// <summary>The articles that goals look things up in.</summary>
    public async Task AddKnowledge()
    {
        foreach (var article in Directory.EnumerateFiles(Path.Combine(Programs.Root, "samples/support/knowledge"), "*.md"))
            await Gateway.AddKnowledge(Living[0].Url, Knowledge, Path.GetFileName(article), await File.ReadAllTextAsync(article));
    }

    /// <param name="at">The network of its own that it lives in; null for this machine's.</param>
    public async Task<Silo> StartSilo(Network.Place? at = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            var name = $"silo-{Interlocked.Increment(ref named)}";
            var silo = Silo.Start(name, at?.MeshAddress ?? "127.0.0.1", at?.StoreAddress ?? "127.0.0.1", environment, Path.Combine(folder, $"{name}.log"), at?.Within ?? []);
            all.Add(silo);
            reaper.Watch(silo.ProcessId);
            try
            {
                await silo.Ready();
            }
            catch (InvalidOperationException e) when (attempt < 10)
            {
                // As whoever supervises it would: the database was away, or somebody took one of its ports between our look and its start.
                FailedStarts.Add(e.Message);
                continue;
            }

            living[name] = silo;
            return silo;
        }
    }

    /// <summary>Takes a silo off the clients' list.</summary>
    public void Forget(Silo silo) => living.TryRemove(silo.Name, out _);

    /// <summary>What the ticket service's own log says: requests of one outcome by goal.</summary>
    public Task<Dictionary<string, int>> Tickets(string outcome) => tickets.Counted(outcome);

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in all) await silo.DisposeAsync();
        await tickets.DisposeAsync();
        await Database.DisposeAsync();
        reaper.Dispose();
        if (Environment.GetEnvironmentVariable("CLUSTER_CRASH_KEEP") is null) Directory.Delete(folder, recursive: true);
    }
}
