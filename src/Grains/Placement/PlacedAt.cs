using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace AgentMesh.Grains.Placement;

/// <summary>Places a grain on the silo that its key begins with (<c>address</c> or <c>address/what</c>), and nowhere else.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class PlacedAtAttribute() : PlacementAttribute(new PlacedAt());

[GenerateSerializer, Immutable, Alias("agentmesh.placed-at")]
internal sealed class PlacedAt : PlacementStrategy
{
    public static string Key(SiloAddress silo, string? what = null) => what is null ? silo.ToParsableString() : $"{silo.ToParsableString()}/{what}";
}

internal sealed class PlacedAtDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silo = SiloAddress.FromParsableString(target.GrainIdentity.Key.ToString()!.Split('/')[0]);
        return context.GetCompatibleSilos(target).Contains(silo)
            ? Task.FromResult(silo)
            : throw new OrleansException($"The silo {silo.ToParsableString()} is not in service.");
    }
}
