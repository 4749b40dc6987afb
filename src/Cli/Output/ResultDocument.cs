using System.Text.Json;
using AgentMesh.Contracts;

namespace AgentMesh.Cli.Output;

/// <summary>The one JSON document that a goal's result is, for programs.</summary>
internal static class ResultDocument
{
    public static string Json(GoalView view) => JsonSerializer.Serialize(Of(view), CliJson.Pretty.RunDocument);

    public static RunDocument Of(GoalView view)
    {
        var artifacts = view.Artifacts.GroupBy(a => a.Kind, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => (IReadOnlyList<ArtifactOutput>)[.. g.Select(Output)], StringComparer.Ordinal);
        return new RunDocument(
            view.Goal, view.Status, view.Reason, view.Spec.Text, view.SubmittedAt, view.EndedAt,
            [.. view.Plans.Select(p => new PlanOutput(p.Version, p.Proposer, p.Why, p.Steps.Select(s => s.Id).ToList(), p.Deliver))],
            view.Steps, artifacts, view.Result, [.. view.Artifacts.SelectMany(Citations)],
            [.. view.Artifacts.Where(a => a.Kind is "ticket" or "issue").Select(Output)],
            view.OpenApprovals, view.OpenQuestions,
            new UsageOutput(view.Usage.ModelCalls, view.Usage.Tokens, view.Usage.ToolCalls, view.Usage.Cost, Math.Round(view.Usage.Seconds, 3), view.Tiers), view.Warnings);
    }

    private static ArtifactOutput Output(Artifact a) => new(a.Id, a.Kind, a.Value, a.Content, a.Trust, a.Origin);

    private static IEnumerable<JsonElement> Citations(Artifact artifact) =>
        artifact.Value is { ValueKind: JsonValueKind.Object } value && List(value, artifact.Kind) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    private static JsonElement? List(JsonElement value, string kind) =>
        value.TryGetProperty(kind switch { "brief" => "figures", "findings" => "findings", _ => "citations" }, out var list) ? list : null;
}

internal sealed record RunDocument(
    GoalId Goal, GoalStatus State, string Reason, string Text, DateTimeOffset SubmittedAt, DateTimeOffset? EndedAt, IReadOnlyList<PlanOutput> Plans,
    IReadOnlyList<StepView> Steps, IReadOnlyDictionary<string, IReadOnlyList<ArtifactOutput>> Artifacts, IReadOnlyList<ArtifactId> Result,
    IReadOnlyList<JsonElement> Citations, IReadOnlyList<ArtifactOutput> Tickets, IReadOnlyList<ApprovalRequested> OpenApprovals,
    IReadOnlyList<QuestionAsked> OpenQuestions, UsageOutput Usage, IReadOnlyList<string> Warnings);

internal sealed record PlanOutput(int Version, string Proposer, Rationale Why, IReadOnlyList<StepId> Steps, IReadOnlyList<ArtifactId> Deliver);

internal sealed record ArtifactOutput(ArtifactId Id, string Kind, JsonElement? Value, ContentRef? Content, Trust Trust, Origin Origin);

/// <param name="Tiers">Steps answered by <c>rules</c> and by each model.</param>
internal sealed record UsageOutput(int ModelCalls, long Tokens, int ToolCalls, decimal Cost, double Seconds, IReadOnlyDictionary<string, int> Tiers);
