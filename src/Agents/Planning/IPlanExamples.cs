using AgentMesh.Contracts;

namespace AgentMesh.Agents;

/// <summary>Plans of earlier goals that went well, to show the model planner.</summary>
public interface IPlanExamples
{
    /// <summary>Most similar first; empty when there is none.</summary>
    Task<IReadOnlyList<PlanExample>> Find(PlanRequest request, int limit, CancellationToken ct);
}

/// <param name="Text">The earlier goal's text.</param>
public sealed record PlanExample(GoalId Goal, string Text, Plan Plan);

/// <summary>Remembers nothing.</summary>
public sealed class NoPlanExamples : IPlanExamples
{
    public static readonly NoPlanExamples Instance = new();

    public Task<IReadOnlyList<PlanExample>> Find(PlanRequest request, int limit, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<PlanExample>>([]);
}
