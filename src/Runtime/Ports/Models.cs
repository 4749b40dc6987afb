using AgentMesh.Contracts;
using Microsoft.Extensions.AI;

namespace AgentMesh.Runtime;

/// <summary>The models of this host. A host without any serves every role by its rules.</summary>
public interface IModels
{
    /// <summary>The model that serves this need, or null. A need for a large model is served by a small one when there is no other.</summary>
    string? For(ModelNeed need);

    IChatClient Client(string model);

    /// <summary>A client whose calls count for that tenant where models are shared fairly.</summary>
    IChatClient Client(string model, string tenant) => Client(model);

    /// <summary>Price of a call in the configured currency; 0 where none is configured.</summary>
    decimal Cost(string model, long inputTokens, long outputTokens);
}

/// <summary>A host without models.</summary>
public sealed class NoModels : IModels
{
    public static readonly NoModels Instance = new();

    public string? For(ModelNeed need) => null;

    public IChatClient Client(string model) => throw new InvalidOperationException("No model is configured. Set AGENTMESH_MODEL.");

    public decimal Cost(string model, long inputTokens, long outputTokens) => 0m;
}
