using AgentMesh.Contracts;

namespace AgentMesh.Agents;

/// <summary>Proposes plans. Proposers are asked in order of cost; the first valid proposal wins.</summary>
public interface IPlanProposer
{
    string Name { get; }

    /// <returns>Null when this proposer has nothing for this goal; an unvalidated plan otherwise.</returns>
    ValueTask<Plan?> Propose(PlanRequest request, CancellationToken ct);
}

/// <summary>What a plan is wanted for.</summary>
/// <param name="Version">The version to make.</param>
/// <param name="Catalogue">Roles, tools, kinds and playbooks of this mesh, with tools that the goal may not use left out.</param>
/// <param name="Done">Artifacts that completed steps already made; their steps stay as they are.</param>
/// <param name="Previous">The plan in force, null for the first.</param>
/// <param name="Why">Why a new version is wanted, null for the first.</param>
/// <param name="Errors">What the validator said of earlier proposals for this version.</param>
/// <param name="Messages">What people told the goal since submission.</param>
public sealed record PlanRequest(
    GoalId Goal, GoalSpec Spec, int Version, MeshCatalogue Catalogue, IReadOnlyList<Artifact> Done, Plan? Previous, Rationale? Why,
    IReadOnlyList<string> Errors, IReadOnlyList<string> Messages);
