using AgentMesh.Agents;
using AgentMesh.Contracts;

namespace AgentMesh.Gateway.Artifacts;

/// <summary>An artifact's value, wherever it is kept.</summary>
internal static class ArtifactValue
{
    /// <summary>The artifact with its value, unless that is larger than <paramref name="most"/> bytes.</summary>
    public static async Task<Artifact> Shown(Artifact artifact, IContentStore store, int most, CancellationToken ct) =>
        artifact is { Value: null, Content: { } content } && content.Bytes <= most ? artifact with { Value = MeshJson.Parse(await store.Get(content, ct)) } : artifact;
}
