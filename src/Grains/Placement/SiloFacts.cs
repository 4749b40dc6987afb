using System.Globalization;
using System.Runtime.CompilerServices;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace AgentMesh.Grains.Placement;

/// <summary>What a silo declares of itself to the others.</summary>
/// <param name="Roles"><c>agents</c>, <c>gateway</c>, <c>inference</c>.</param>
/// <param name="Devices">Of an inference silo: <c>gpu0</c>…, or <c>cpu</c>.</param>
/// <param name="Models">Of an inference silo.</param>
/// <param name="Version">Of its program.</param>
public sealed record SiloFacts(
    IReadOnlyList<string> Roles, IReadOnlyList<string> Devices, IReadOnlyList<string> Models, string Version, DateTimeOffset? StartedAt)
{
    private const string RolesKey = "agentmesh.roles", DevicesKey = "agentmesh.devices", ModelsKey = "agentmesh.models", VersionKey = "agentmesh.version", StartedKey = "agentmesh.started";

    public Dictionary<string, string> ToMetadata() => new(StringComparer.Ordinal)
    {
        [RolesKey] = string.Join(',', Roles), [DevicesKey] = string.Join(',', Devices), [ModelsKey] = string.Join(',', Models), [VersionKey] = Version,
        [StartedKey] = StartedAt?.ToString("O", CultureInfo.InvariantCulture) ?? "",
    };

    private static readonly ConditionalWeakTable<SiloMetadata, SiloFacts> Read = [];

    /// <summary>Nothing, for a silo that has not told yet.</summary>
    public static SiloFacts Of(SiloMetadata metadata) => Read.GetValue(metadata, static m => Parse(m));

    private static SiloFacts Parse(SiloMetadata metadata) => new(
        List(metadata, RolesKey), List(metadata, DevicesKey), List(metadata, ModelsKey), metadata.Metadata.GetValueOrDefault(VersionKey, ""),
        DateTimeOffset.TryParse(metadata.Metadata.GetValueOrDefault(StartedKey, ""), CultureInfo.InvariantCulture, out var at) ? at : null);

    private static string[] List(SiloMetadata metadata, string key) => metadata.Metadata.GetValueOrDefault(key, "").Split(',', StringSplitOptions.RemoveEmptyEntries);
}
