using Microsoft.Extensions.AI;

namespace AgentMesh.Agents;

/// <summary>The model that plans. Whoever implements it accounts the call against the goal's budget and records it.</summary>
public interface IPlanningModel
{
    /// <summary>Null when no model is configured.</summary>
    string? Name { get; }

    /// <exception cref="BudgetExceededException">The goal's budget does not allow it.</exception>
    Task<ChatResponse> Ask(PlanRequest request, IReadOnlyList<ChatMessage> messages, ChatOptions options, CancellationToken ct);
}

/// <summary>For a mesh without models.</summary>
public sealed class NoPlanningModel : IPlanningModel
{
    public static readonly NoPlanningModel Instance = new();

    public string? Name => null;

    public Task<ChatResponse> Ask(PlanRequest request, IReadOnlyList<ChatMessage> messages, ChatOptions options, CancellationToken ct) =>
        throw new InvalidOperationException("No model is configured; set AGENTMESH_MODEL.");
}
