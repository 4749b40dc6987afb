using Orleans.Metadata;
using Orleans.Placement;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Runtime.Placement;

namespace AgentMesh.Grains.Placement;

/// <summary>Keeps a grain type on the silos that declare a role.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class RunsOnAttribute(string role) : PlacementFilterAttribute(new RunsOn(role, 0));

internal sealed class RunsOn : PlacementFilterStrategy
{
    private const string Property = "agentmesh.runs-on";

    public RunsOn() : this("", 0)
    {
    }

    public RunsOn(string role, int order) : base(order) => Role = role;

    public string Role { get; private set; }

    public override void AdditionalInitialize(GrainProperties properties) => Role = GetPlacementFilterGrainProperty(Property, properties)!;

    protected override IEnumerable<KeyValuePair<string, string>> GetAdditionalGrainProperties(
        IServiceProvider services, Type grainClass, GrainType grainType, IReadOnlyDictionary<string, string> existingProperties) => [new(Property, Role)];
}

internal sealed class RunsOnDirector(ISiloMetadataCache silos) : IPlacementFilterDirector
{
    public IEnumerable<SiloAddress> Filter(PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> candidates) =>
        candidates.Where(silo => SiloFacts.Of(silos.GetSiloMetadata(silo)).Roles.Contains(((RunsOn)filterStrategy).Role, StringComparer.Ordinal));
}
