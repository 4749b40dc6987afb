using System.Collections.Concurrent;
using AgentMesh.Contracts;
using AgentMesh.Grains.Placement;
using AgentMesh.Inference.Routing;
using AgentMesh.Runtime;
using Microsoft.Extensions.AI;

namespace AgentMesh.Grains.Inference;

/// <summary>The models of the cluster's inference pool; where it has none, those that this silo's own settings name.</summary>
internal sealed class ClusterModels(InferenceDirectory pool, InferenceRouter router, IModels own, IDice dice, TimeProvider time) : IModels
{
    private readonly ConcurrentDictionary<(string Model, string Tenant), IChatClient> clients = new();

    public string? For(ModelNeed need)
    {
        var models = pool.LookForModels().ToList();
        return models.Count == 0 || need == ModelNeed.None ? own.For(need) : Best(models, need == ModelNeed.Small ? "small" : "large");
    }

    public IChatClient Client(string model) => Client(model, "default");

    public IChatClient Client(string model, string tenant) =>
        pool.LookForModels().Any(m => m.Model == model)
            ? clients.GetOrAdd((model, tenant), key => new RoutedChatClient(router, pool, new RoutedOptions(key.Model, key.Tenant), time, () => dice.Next(1 << 20) / (double)(1 << 20)))
            : own.Client(model, tenant);

    public decimal Cost(string model, long inputTokens, long outputTokens) => own.Cost(model, inputTokens, outputTokens);

    // One tier serves for both where it is the only one.
    private static string Best(List<(string Model, string Tier)> models, string tier) =>
        models.OrderByDescending(m => m.Tier == tier).ThenBy(m => m.Model, StringComparer.Ordinal).First().Model;
}
