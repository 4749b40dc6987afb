using AgentMesh.EngineConformance;
using AgentMesh.Grains.Placement;
using Orleans.Runtime.Placement;

namespace AgentMesh.Cluster;

/// <summary>The suite with every agent on another silo than its orchestrator.</summary>
public sealed class ElsewhereConformanceTests : MeshConformance
{
    protected override int GoalsPerSeed => 40;

    protected override async Task<IMeshUnderTest> Start(MeshSetup setup) =>
        await ClusterUnderTest.Start(setup, 2, Stores.InMemory(), silo => silo.Services.AddPlacementDirector<PlacedNearby, PlacedElsewhere>());
}

internal sealed class PlacedElsewhere(IDice dice) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var all = context.GetCompatibleSilos(target);
        var others = all.Where(s => !s.Equals(context.LocalSilo)).ToList();
        return Task.FromResult(others.Count > 0 ? others[dice.Next(others.Count)] : all[0]);
    }
}
