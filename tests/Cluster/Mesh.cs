using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.GrainInterfaces;
using AgentMesh.Grains;
using AgentMesh.Grains.Engine;
using AgentMesh.Grains.Placement;
using AgentMesh.Runtime;
using AgentMesh.Runtime.InMemory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.TestingHost;

namespace AgentMesh.Cluster;

/// <summary>Silos in this process over one journal, with agents that a test scripts.</summary>
internal sealed class Mesh : IAsyncDisposable
{
    private readonly InProcessTestCluster cluster;

    private Mesh(InProcessTestCluster cluster, InMemoryJournal journal) => (this.cluster, Journal) = (cluster, journal);

    public InMemoryJournal Journal { get; }
    public InProcessTestCluster Silos => cluster;
    public IMesh Face => new MeshClient(cluster.Client, TimeProvider.System);

    public static async Task<Mesh> Start(short silos, Func<StepWork, IAgentCalls, CancellationToken, Task<StepOutcome>> agent)
    {
        var journal = new InMemoryJournal();
        var builder = new InProcessTestClusterBuilder(silos);
        builder.ConfigureSilo((_, silo) => Configure(silo, journal, agent));
        builder.ConfigureClient(client => client.Services.AddAgentMeshWire());
        var made = builder.Build();
        await made.DeployAsync();
        return new Mesh(made, journal);
    }

    /// <summary>Makes a silo one over this journal, with agents that do what is said.</summary>
    internal static void Configure(ISiloBuilder silo, InMemoryJournal journal, Func<StepWork, IAgentCalls, CancellationToken, Task<StepOutcome>> agent)
    {
        silo.UseInMemoryReminderService();
        silo.AddMemoryGrainStorage(ClusterHosting.AgentStorage);
        var catalogue = OneStep.Catalogue;
        silo.Services.AddSingleton<IJournal>(journal).AddSingleton<IWriterRegistry>(journal).AddSingleton(catalogue)
            .AddSingleton(new PlanRunner(new OneStep(), catalogue))
            .AddSingleton(new StepRunner(
                new ScriptedAgent(agent), new Toolbox([]), NoModels.Instance, new NoContent(), catalogue, new RuntimeOptions(), TimeProvider.System,
                NullLogger<StepRunner>.Instance))
            .AddSingleton(new DirectRunner(new ScriptedAgent(agent), new Toolbox([]), NoModels.Instance, catalogue, new RuntimeOptions(), TimeProvider.System));
        silo.AddAgentMesh(new SiloFacts(["agents", "gateway"], [], [], "test", null), new ClusterEngineOptions());
    }

    public async ValueTask DisposeAsync()
    {
        await cluster.StopAllSilosAsync();
        await cluster.DisposeAsync();
    }

    private sealed class ScriptedAgent(Func<StepWork, IAgentCalls, CancellationToken, Task<StepOutcome>> run) : IAgent
    {
        public Task<StepOutcome> Run(StepWork work, IAgentCalls calls, CancellationToken ct) => run(work, calls, ct);
    }

    private sealed class NoContent : IContentStore
    {
        public Task<ContentRef> Put(ReadOnlyMemory<byte> content, string mediaType, CancellationToken ct) => throw new NotSupportedException();

        public Task<ReadOnlyMemory<byte>> Get(ContentRef content, CancellationToken ct) => throw new NotSupportedException();
    }
}

/// <summary>A mesh with one role, whose goals have one step.</summary>
internal sealed class OneStep : IPlanner
{
    public static MeshCatalogue Catalogue { get; } = MeshCatalogue.Empty with
    {
        Roles = new Dictionary<string, RoleDescriptor>(StringComparer.Ordinal) { ["worker"] = new() { Name = "worker", Purpose = "works" } },
    };

    public Task<PlanMade> Plan(PlanRequest request, GoalBudget budget, CancellationToken ct) => Task.FromResult(new PlanMade(
        request.Version > 1 ? null : new Plan
        {
            Version = 1, Proposer = "test", Why = Rationale.Because("test"), Deliver = [new("a")],
            Steps = [new PlanStep { Id = new("a"), Role = "worker", Instruction = "work", Produces = "note" }],
        },
        ["no other plan"], null));
}
