using System.Text.Json.Serialization;

namespace AgentMesh.Inference.ModelFiles;

/// <summary>What the hub says of a repository, as far as we ask. Other fields are skipped.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false, MaxDepth = 64)]
[JsonSerializable(typeof(HubListing))]
internal sealed partial class HubJson : JsonSerializerContext;

/// <param name="Sha">The commit that the revision means now.</param>
internal sealed record HubListing(string? Sha, IReadOnlyList<HubSibling>? Siblings);

internal sealed record HubSibling(string? Rfilename);
