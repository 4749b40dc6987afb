using AgentMesh.Contracts;

namespace AgentMesh.Orchestration.Tests.Planning;

/// <summary>Small catalogues and plans, written in one line each.</summary>
internal static class PlanningMesh
{
    public static readonly PlanContext Support = new(
        Catalogue(
            Role("classifier", [], Makes("category", ["email"])),
            Role("analyst", [], Makes("entities", ["email"], ["category"])),
            Role("retriever", ["knowledge.search"], Makes("passages", ["email"], ["category", "entities"], "knowledge.search")),
            Role("clerk", ["ticket.create"], Makes("ticket", ["email"], ["category", "passages"], "ticket.create")),
            Role("writer", [], Makes("reply", ["email"], ["passages", "ticket"]))),
        new GoalSpec { Text = "go", Inputs = [Artifact("in-1", "email")] });

    public static MeshCatalogue Catalogue(params IReadOnlyList<RoleDescriptor> roles)
    {
        var kinds = roles.SelectMany(r => r.Capabilities).SelectMany(c => (string[])[c.Produces, .. c.Consumes, .. c.Uses]).Distinct(StringComparer.Ordinal);
        return new MeshCatalogue
        {
            Roles = roles.ToDictionary(r => r.Name, StringComparer.Ordinal),
            Tools = roles.SelectMany(r => r.Tools).Distinct(StringComparer.Ordinal).ToDictionary(t => t, Tool, StringComparer.Ordinal),
            Kinds = kinds.ToDictionary(k => k, k => new ArtifactKind(k, k, MeshJson.Parse("{}")) { Words = [k] }, StringComparer.Ordinal),
            Playbooks = new Dictionary<string, Playbook>(StringComparer.Ordinal),
        };
    }

    public static RoleDescriptor Role(string name, IReadOnlyList<string> tools, params IReadOnlyList<Capability> capabilities) =>
        new() { Name = name, Purpose = name, Tools = tools, Capabilities = capabilities };

    public static Capability Makes(string kind, IReadOnlyList<string> consumes, IReadOnlyList<string>? uses = null, params IReadOnlyList<string> tools) =>
        new(kind, consumes, uses ?? [], kind, $"Make {kind}.", tools);

    public static Artifact Artifact(string id, string kind) =>
        new() { Id = new ArtifactId(id), Kind = kind, Trust = Trust.User, Origin = new Origin(null, null, null) };

    public static PlanStep Step(string id, string role, string produces, params IReadOnlyList<string> inputs) => new()
    {
        Id = new StepId(id), Role = role, Produces = produces, Instruction = $"Make {produces}.", Inputs = [.. inputs.Select(i => new ArtifactId(i))],
    };

    public static Plan Plan(IReadOnlyList<PlanStep> steps, params IReadOnlyList<string> deliver) => new()
    {
        Version = 1, Steps = steps, Deliver = [.. deliver.Select(d => new ArtifactId(d))], Proposer = "test", Why = Rationale.Because("test"),
    };

    public static PlanContext Wants(this PlanContext context, params IReadOnlyList<string> kinds) => context with { Spec = context.Spec with { Wants = kinds } };

    public static string Sketch(Plan? plan) => plan is null ? "none" : string.Join(' ', plan.Steps.Select(s => $"{s.Id}({string.Join(' ', s.Inputs)})"));

    // A tool changes something when its name says create.
    private static ToolDescriptor Tool(string name) => new()
    {
        Name = name, Description = name, Parameters = MeshJson.Parse("{}"),
        Effect = name.Contains("create", StringComparison.Ordinal) ? ToolEffect.Once : ToolEffect.Pure,
    };
}
