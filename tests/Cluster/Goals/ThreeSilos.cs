using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using AgentMesh.Contracts;
using AgentMesh.EngineConformance;
using AgentMesh.GrainInterfaces;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Core.Internal;
using Orleans.Metadata;

namespace AgentMesh.Cluster.Goals;

/// <summary>Three silos that a class of tests shares, with the suite's scripted agents.</summary>
public sealed class ThreeSilos : IAsyncLifetime
{
    /// <summary>Milliseconds that no test takes unless it hangs.</summary>
    public const int Limit = 120_000;

    private readonly Births births = new();
    private ClusterUnderTest cluster = null!;

    internal World World { get; } = new();

    internal IMesh Mesh => cluster.Mesh;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    // Management is not for clients.
    private IGrainFactory Inside => cluster.Silos.Silos[0].ServiceProvider.GetRequiredService<IGrainFactory>();

    public async ValueTask InitializeAsync() => cluster = await ClusterUnderTest.Start(new MeshSetup(World.Address), 3, Stores.InMemory(), silo => silo.Services.AddSingleton<IConfigureGrainContextProvider>(births));

    public async ValueTask DisposeAsync()
    {
        await cluster.DisposeAsync();
        World.Dispose();
    }

    internal Task<GoalId> Submit(IReadOnlyList<PlanStep> steps, Func<GoalConstraints, GoalConstraints> bounds) =>
        Mesh.Submit(Script.Goal(steps).With(bounds), ct: Ct);

    internal async Task<GoalView> End(GoalId goal)
    {
        await foreach (var entry in Mesh.Events(goal, follow: true, ct: Ct))
            if (entry.Event is GoalEnded) break;
        return await Mesh.Get(goal, Ct);
    }

    /// <summary>How many of the goal's agents are on each silo now.</summary>
    internal async Task<Dictionary<SiloAddress, int>> Agents(GoalId goal) =>
        (await Inside.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics())
        .Where(g => g.GrainId.Key.ToString()!.StartsWith($"{goal}/", StringComparison.Ordinal))
        .CountBy(g => g.SiloAddress).ToDictionary();

    /// <summary>Ends the activation of the goal's orchestrator, and has it begin another.</summary>
    internal async Task Unload(GoalId goal)
    {
        var orchestrator = Inside.GetGrain<IOrchestratorGrain>(goal.Value);
        var before = births.Of(orchestrator.GetGrainId());
        await orchestrator.AsReference<IGrainManagementExtension>().DeactivateOnIdle();
        do await Mesh.Get(goal, Ct);
        while (births.Of(orchestrator.GetGrainId()) == before);
    }

    /// <summary>Ends the silo of the goal's orchestrator without notice. What it began may go on in the process, and counts for nothing.</summary>
    internal async Task KillOrchestrator(GoalId goal)
    {
        var orchestrator = Inside.GetGrain<IOrchestratorGrain>(goal.Value).GetGrainId();
        var address = (await Inside.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics()).Single(g => g.GrainId == orchestrator).SiloAddress;
        await cluster.Silos.KillSiloAsync(cluster.Silos.Silos.Single(s => s.SiloAddress.Equals(address)));
    }

    /// <summary>Counts activations by grain.</summary>
    private sealed class Births : IConfigureGrainContextProvider, IConfigureGrainContext
    {
        private readonly ConcurrentDictionary<GrainId, int> counted = new();

        public int Of(GrainId grain) => counted.GetValueOrDefault(grain);

        public bool TryGetConfigurator(GrainType grainType, GrainProperties properties, [NotNullWhen(true)] out IConfigureGrainContext? configurator)
        {
            configurator = this;
            return true;
        }

        public void Configure(IGrainContext context) => counted.AddOrUpdate(context.GrainId, 1, static (_, count) => count + 1);
    }
}
