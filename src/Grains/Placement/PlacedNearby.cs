using AgentMesh.Grains.Engine;
using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace AgentMesh.Grains.Placement;

/// <summary>Places an agent on the silo of its orchestrator while that has room to run it, else on any other.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class PlacedNearbyAttribute() : PlacementAttribute(new PlacedNearby());

[GenerateSerializer, Immutable, Alias("agentmesh.placed-nearby")]
internal sealed class PlacedNearby : PlacementStrategy;

internal sealed class PlacedNearbyDirector(GoalHosting hosting, IDice dice) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        var here = context.LocalSilo;
        if (context.LocalSiloStatus == SiloStatus.Active && !hosting.IsFull && silos.Contains(here)) return Task.FromResult(here);
        return Task.FromResult(silos[dice.Next(silos.Length)]);
    }
}

/// <summary>Where the engine's chance comes from.</summary>
internal interface IDice
{
    /// <returns>0 to <paramref name="sides"/> − 1.</returns>
    int Next(int sides);
}
