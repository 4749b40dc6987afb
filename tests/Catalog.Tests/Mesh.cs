using AgentMesh.Agents;
using AgentMesh.Contracts;

namespace AgentMesh.Catalog.Tests;

/// <summary>The built-in catalogue with all the built-in tools' names, and goals for it.</summary>
internal static class Mesh
{
    public static readonly IReadOnlyList<ToolDescriptor> Tools =
    [
        Tool("http.fetch", ToolEffect.Pure), Tool("sql.query", ToolEffect.Pure), Tool("csv.read", ToolEffect.Pure), Tool("calc.evaluate", ToolEffect.Pure),
        Tool("files.list", ToolEffect.Pure), Tool("files.read", ToolEffect.Pure), Tool("files.search", ToolEffect.Pure),
        Tool("knowledge.search", ToolEffect.Pure), Tool("ticket.create", ToolEffect.Idempotent), Tool("jira.create_issue", ToolEffect.Once),
        Tool("notify.send", ToolEffect.Once),
    ];

    public static readonly MeshCatalogue Builtin = CatalogueBuilder.Build(Tools, CatalogueFolders.None);

    public static ToolDescriptor Tool(string name, ToolEffect effect) =>
        new() { Name = name, Description = name, Parameters = MeshJson.Parse("""{"type":"object"}"""), Effect = effect };

    public static Artifact Artifact(string id, string kind) =>
        new() { Id = new ArtifactId(id), Kind = kind, Trust = Trust.Untrusted, Origin = new Origin(null, null, null) };

    public static PlanRequest Goal(string text, IReadOnlyList<string>? attached = null, IReadOnlyList<string>? wants = null, string? playbook = null) => new(
        new GoalId("g"),
        new GoalSpec
        {
            Text = text,
            Inputs = [.. (attached ?? []).Select((kind, n) => Artifact($"in-{n + 1}", kind))],
            Wants = wants ?? [],
            Playbook = playbook,
        },
        1, Builtin, [], null, null, [], []);

    public static async Task<Plan> Plan(PlanRequest request)
    {
        var result = await Planner.Create(NoPlanningModel.Instance).Make(request, TestContext.Current.CancellationToken);
        return result is PlanningResult.Accepted accepted ? accepted.Plan
            : throw new InvalidOperationException(string.Join('\n', ((PlanningResult.Rejected)result).Errors));
    }

    public static async Task<IReadOnlyList<string>> Errors(PlanRequest request)
    {
        var result = await Planner.Create(NoPlanningModel.Instance).Make(request, TestContext.Current.CancellationToken);
        return result is PlanningResult.Rejected rejected ? rejected.Errors : throw new InvalidOperationException("The plan was accepted.");
    }

    /// <summary>The plan in one line: <c>reply(email category)</c> …</summary>
    public static string Sketch(Plan plan) => string.Join(' ', plan.Steps.Select(s => $"{s.Id}({string.Join(' ', s.Inputs)})"));
}
