using System.Text.Json.Nodes;
using AgentMesh.Contracts;
using AgentMesh.Gateway.Http;
using Microsoft.Extensions.AI;

namespace AgentMesh.Gateway.Protocols.OpenAi;

/// <summary>What can be named as the model: <c>agentmesh</c> plans by itself, <c>agentmesh/PLAYBOOK</c> follows one; and the one for embeddings, if any.</summary>
internal static class MeshModels
{
    private const string Mesh = "agentmesh";

    public static IEnumerable<string> Names(MeshCatalogue catalogue, IEmbeddingGenerator? embeddings) =>
        [Mesh, .. catalogue.Playbooks.Keys.Order(StringComparer.Ordinal).Select(p => $"{Mesh}/{p}"), .. Embedding(embeddings) is { } name ? [name] : Array.Empty<string>()];

    /// <summary>The playbook that a model stands for; null for a plan of the mesh's own.</summary>
    /// <exception cref="ProblemException">404: there is no such model.</exception>
    public static string? Playbook(string model, MeshCatalogue catalogue) => model == Mesh ? null
        : model.StartsWith($"{Mesh}/", StringComparison.Ordinal) && catalogue.Playbooks.ContainsKey(model[(Mesh.Length + 1)..]) ? model[(Mesh.Length + 1)..]
        : throw Unknown(model);

    public static string Of(GoalSpec spec) => spec.Playbook is { } playbook ? $"{Mesh}/{playbook}" : Mesh;

    public static string? Embedding(IEmbeddingGenerator? embeddings) => embeddings?.GetService<EmbeddingGeneratorMetadata>()?.DefaultModelId;

    public static ProblemException Unknown(string model) =>
        new(404, "model_not_found", $"There is no model {(Input.IsName(model) ? model : "of that name")} here. GET /v1/models lists those that there are.");

    // The API wants a time of creation; a playbook has none.
    public static JsonObject Json(string name) => new() { ["id"] = name, ["object"] = "model", ["created"] = 0, ["owned_by"] = Mesh };
}
