namespace AgentMesh.Contracts;

/// <summary>Everything that plans may refer to. Immutable; a host builds it once at start.</summary>
public sealed record MeshCatalogue
{
    public required IReadOnlyDictionary<string, RoleDescriptor> Roles { get; init; }
    public required IReadOnlyDictionary<string, ToolDescriptor> Tools { get; init; }
    public required IReadOnlyDictionary<string, ArtifactKind> Kinds { get; init; }
    public required IReadOnlyDictionary<string, Playbook> Playbooks { get; init; }

    public static readonly MeshCatalogue Empty = new()
    {
        Roles = new Dictionary<string, RoleDescriptor>(StringComparer.Ordinal),
        Tools = new Dictionary<string, ToolDescriptor>(StringComparer.Ordinal),
        Kinds = new Dictionary<string, ArtifactKind>(StringComparer.Ordinal),
        Playbooks = new Dictionary<string, Playbook>(StringComparer.Ordinal),
    };
}
