using System.Globalization;
using AgentMesh.Grains.Engine;
using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace AgentMesh.Grains.Placement;

/// <summary>
/// Places an agent on the silo of its orchestrator, the first few of a goal's role while that has room to run them; the others anywhere, so that
/// a wide goal is the work of the whole cluster.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class PlacedNearbyAttribute() : PlacementAttribute(new PlacedNearby());

[GenerateSerializer, Immutable, Alias("agentmesh.placed-nearby")]
internal sealed class PlacedNearby : PlacementStrategy;

internal sealed class PlacedNearbyDirector(GoalHosting hosting, IDice dice) : IPlacementDirector
{
    /// <summary>Agents of one goal and role that stay with its orchestrator. Enough for a usual goal to be at home on one silo.</summary>
    internal const int Nearby = 16;

    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        var here = context.LocalSilo;
        if (context.LocalSiloStatus == SiloStatus.Active && !hosting.IsFull && NumberOf(target.GrainIdentity) <= Nearby && silos.Contains(here)) return Task.FromResult(here);
        return Task.FromResult(silos[dice.Next(silos.Length)]);
    }

    // Agents of a goal are numbered by role, and their key ends in it. Whoever calls an agent directly may name it as they like.
    private static int NumberOf(GrainId agent) =>
        agent.Key.ToString()!.Split('/') is [_, _, var number] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0;
}

/// <summary>Where the engine's chance comes from.</summary>
internal interface IDice
{
    /// <returns>0 to <paramref name="sides"/> − 1.</returns>
    int Next(int sides);
}
