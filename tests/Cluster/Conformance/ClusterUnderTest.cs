using AgentMesh.Agents;
using AgentMesh.ClusterHost;
using AgentMesh.Contracts;
using AgentMesh.EngineConformance;
using AgentMesh.GrainInterfaces;
using AgentMesh.Grains;
using AgentMesh.Grains.Engine;
using AgentMesh.Grains.Placement;
using AgentMesh.Runtime;
using AgentMesh.Runtime.InMemory;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace AgentMesh.Cluster;

/// <summary>What outlives a cluster.</summary>
internal sealed record Stores(IJournal Journal, IWriterRegistry Writers, IContentStore Content, IAsyncDisposable? Owner)
{
    public static Stores InMemory()
    {
        var journal = new InMemoryJournal();
        return new Stores(journal, journal, new InMemoryContent(), null);
    }
}

/// <summary>Silos in this process over stores that outlive them. A crash ends all of them, and others come up cold.</summary>
internal sealed class ClusterUnderTest(CurrentWorld world, int? maxRunning, short silos, Stores stores, Action<ISiloBuilder>? configure) : ILastingMesh, IOperatedMesh
{
    private InProcessTestCluster? cluster;
    private Life life = null!;

    public CurrentWorld World => world;

    public IMesh Mesh { get; private set; } = null!;

    public IOperations Operations => cluster!.Silos[0].ServiceProvider.GetRequiredService<IOperations>();

    public InProcessTestCluster Silos => cluster!;

    public TimeSpan Moment => TimeSpan.FromSeconds(4);

    public static Task<ClusterUnderTest> Start(MeshSetup setup, short silos, Stores stores, Action<ISiloBuilder>? configure = null) =>
        Start(new ClusterUnderTest(new CurrentWorld { Now = WorldAddress.Connect(setup.World) }, setup.MaxRunning, silos, stores, configure));

    public static Task<ClusterUnderTest> Start(CurrentWorld world, short silos, Stores stores) => Start(new ClusterUnderTest(world, null, silos, stores, null));

    private static async Task<ClusterUnderTest> Start(ClusterUnderTest mesh)
    {
        await mesh.Restart();
        return mesh;
    }

    public void Pass(TimeSpan time)
    {
        // Time is real here.
    }

    public async Task Crash()
    {
        life.End();
        // Appends that were on their way end here, as those of a dead process do when it is found out.
        foreach (var silo in cluster!.Silos) await stores.Writers.Retire(silo.SiloAddress.ToParsableString());
        await Stop();
    }

    public async Task Restart()
    {
        life = new Life();
        var mine = life;
        var builder = new InProcessTestClusterBuilder(silos);
        builder.Options.ConfigureFileLogging = false;
#pragma warning disable ORLEANSEXP003 // The silos' own directory, instead of one that outlives them.
        builder.Options.UseDistributedGrainDirectory = true;
#pragma warning restore ORLEANSEXP003
        builder.ConfigureSilo((_, silo) =>
        {
            silo.UseInMemoryReminderService();
            silo.AddMemoryGrainStorage(ClusterHosting.AgentStorage);
            var parts = new ConformanceParts(new MortalWorld(world, mine));
            silo.Services.AddConformanceParts(parts, new MortalJournal(stores.Journal, mine), stores.Writers, stores.Content);
            var options = new ClusterEngineOptions();
            silo.AddAgentMesh(new SiloFacts(["agents", "gateway"], [], [], "test", null), options with { MaxRunning = maxRunning ?? options.MaxRunning });
            configure?.Invoke(silo);
        });
        builder.ConfigureClient(client => client.Services.AddAgentMeshWire());
        cluster = builder.Build();
        await cluster.DeployAsync();
        Mesh = new MeshClient(cluster.Client, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        life.End();
        await Stop();
        if (stores.Owner is not null) await stores.Owner.DisposeAsync();
    }

    private async Task Stop()
    {
        if (cluster is null) return;
        var dying = cluster;
        cluster = null;
        await Task.WhenAll(dying.Silos.Select(dying.KillSiloAsync));
        await dying.KillClientAsync();
        await dying.DisposeAsync();
    }
}
