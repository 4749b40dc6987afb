using AgentMesh.Contracts;

namespace AgentMesh.Orchestration;

/// <summary>What a plan is made from and checked against.</summary>
public sealed record PlanContext(MeshCatalogue Catalogue, GoalSpec Spec)
{
    /// <summary>The version to make.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Artifacts of completed steps, oldest first.</summary>
    public IReadOnlyList<Artifact> Done { get; init; } = [];

    /// <summary>The plan in force, null for the first.</summary>
    public Plan? Previous { get; init; }

    /// <summary>Steps that started and ended without an artifact.</summary>
    public IReadOnlyList<StepId> Failed { get; init; } = [];

    /// <summary>Steps that never started and never will.</summary>
    public IReadOnlyList<StepId> Skipped { get; init; } = [];

    /// <summary>What people told the goal since submission.</summary>
    public IReadOnlyList<string> Messages { get; init; } = [];

    /// <summary>Whether nothing but a model can do the step.</summary>
    public Func<PlanStep, bool> NeedsModel { get; init; } = _ => false;

    /// <summary>Whether the mesh has a model at all.</summary>
    public bool HasModel { get; init; } = true;

    /// <summary>What is there already: submitted, or made by completed steps.</summary>
    public IEnumerable<ArtifactId> Available => Spec.Inputs.Concat(Done).Select(a => a.Id);

    public bool IsDone(StepId step) => Done.Any(a => a.Id == step.Artifact);

    public bool IsSpent(StepId step) => Failed.Contains(step) || Skipped.Contains(step);

    public bool MayUse(string tool) =>
        Catalogue.Tools.ContainsKey(tool) && (Spec.Constraints.Tools is not { } allowed || allowed.Contains(tool, StringComparer.Ordinal));

    /// <summary>The tools of those that change something.</summary>
    public IEnumerable<string> Effects(IEnumerable<string> tools) =>
        tools.Where(t => Catalogue.Tools.TryGetValue(t, out var tool) && tool.Effect != ToolEffect.Pure);

    /// <summary>Tools that change something and that a step of this role gets in order to make this kind.</summary>
    public IEnumerable<string> Effects(PlanStep step)
    {
        var made = Catalogue.Roles.TryGetValue(step.Role, out var role)
            ? role.Capabilities.Where(c => c.Produces == step.Produces).SelectMany(c => c.Tools) : [];
        return Effects(made.Distinct(StringComparer.Ordinal)).Where(t => step.Tools is null || step.Tools.Contains(t, StringComparer.Ordinal));
    }

    /// <summary>The kind of an artifact that is there or that a step of the plan makes; null when nothing does.</summary>
    public string? KindOf(ArtifactId id, IEnumerable<PlanStep> steps) =>
        Spec.Inputs.Concat(Done).FirstOrDefault(a => a.Id == id)?.Kind ?? steps.FirstOrDefault(s => s.Id.Artifact == id)?.Produces;
}
