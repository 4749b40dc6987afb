using AgentMesh.Contracts;

namespace AgentMesh.Agents;

/// <summary>Proposes plans. Proposers are asked in order of cost; the first valid proposal wins.</summary>
public interface IPlanProposer
{
    string Name { get; }

    /// <returns>An unvalidated plan, or why this proposer has none for this goal.</returns>
    /// <exception cref="PlanRefusedException">The goal names a way that cannot be gone; no other proposer is asked.</exception>
    ValueTask<Proposal> Propose(PlanRequest request, CancellationToken ct);
}

/// <param name="Plan">Null when there is none.</param>
/// <param name="Reason">Why this plan, or why none: one sentence.</param>
public sealed record Proposal(Plan? Plan, string Reason);

/// <summary>What the goal asks for by name (a playbook) cannot be done, with the reason for people.</summary>
public sealed class PlanRefusedException(string message) : Exception(message);

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
    IReadOnlyList<string> Errors, IReadOnlyList<string> Messages)
{
    /// <summary>Steps of any version that started and ended without an artifact. Their ids are spent; an effect of theirs may have happened.</summary>
    public IReadOnlyList<StepId> Failed { get; init; } = [];

    /// <summary>Steps of any version that never started and never will. Their ids are spent.</summary>
    public IReadOnlyList<StepId> Skipped { get; init; } = [];

    /// <summary>The proposal that <see cref="Errors"/> is about.</summary>
    public Plan? Rejected { get; init; }
}
