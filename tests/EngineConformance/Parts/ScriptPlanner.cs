using System.Text.Json;
using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Runtime;

namespace AgentMesh.EngineConformance;

/// <summary>Gives a goal the plans that its script holds, version by version.</summary>
public sealed class ScriptPlanner : IPlanner
{
    /// <summary>A goal with this text gets its plans only after a wait, as if a model had made them.</summary>
    public const string Slowly = "slowly";

    public async Task<PlanMade> Plan(PlanRequest request, GoalBudget budget, CancellationToken ct)
    {
        await Task.Yield();
        return new PlanMade(Find(request), [$"The script has no plan {request.Version}."], null);
    }

    public Plan? PlanAtOnce(PlanRequest request) => request.Spec.Text == Slowly ? null : Find(request);

    private static Plan? Find(PlanRequest request) =>
        request.Spec.Inputs.FirstOrDefault(a => a.Kind == Script.Plans)?.Value is { } plans && plans.GetArrayLength() >= request.Version
            ? JsonSerializer.Deserialize(plans[request.Version - 1], MeshJson.Default.Plan)! with { Version = request.Version } : null;
}
