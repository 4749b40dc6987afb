using System.Text.Json;
using AgentMesh.Contracts;
using Spectre.Console;

namespace AgentMesh.Cli.Output;

/// <summary>One goal for people: how it stands and what came of it.</summary>
internal static class GoalPage
{
    public static void Print(Terminal terminal, GoalView view)
    {
        var head = new TextTable();
        void Row(string label, string text) => head.Add((label, new Style(decoration: Decoration.Dim)), text);
        Row("goal", view.Goal.Value);
        Row("text", EventLine.One(view.Spec.Text, 300));
        Row("state", $"{view.Status}: {EventLine.One(view.Reason, 300)}");
        Row("submitted", $"{view.SubmittedAt.ToLocalTime():yyyy-MM-dd HH:mm:ss} by {view.Spec.SubmittedBy}");
        if (view.EndedAt is { } ended) Row("ended", $"{ended.ToLocalTime():yyyy-MM-dd HH:mm:ss}, after {(ended - view.SubmittedAt).TotalSeconds:0.0} s");
        foreach (var plan in view.Plans) Row($"plan {plan.Version}", $"{plan.Proposer}: {EventLine.One(plan.Why.Reason, 200)}");
        head.Write(terminal);

        var table = new TextTable("step", "role", "state", "try", "time", "by", "made");
        foreach (var step in view.Steps)
        {
            var (mark, style) = Styles.Of(step.Status);
            table.Add(
                step.Step.Value, step.Role, ($"{mark} {step.Status}", style), step.Attempts.ToString(),
                step is { StartedAt: { } s, EndedAt: { } e } ? $"{(e - s).TotalSeconds:0.0} s" : "–", step.Tier ?? "–",
                step.Error is { } error ? EventLine.One(error, 80) : step.Produces);
        }

        table.Write(terminal);
        PrintResult(terminal, view);
    }

    public static void PrintResult(Terminal terminal, GoalView view)
    {
        foreach (var id in view.Result)
            if (view.Artifacts.FirstOrDefault(a => a.Id == id) is { } artifact) ArtifactText.Print(terminal, artifact);
        foreach (var warning in view.Warnings) terminal.Err.WriteLine($"warning: {EventLine.One(warning, 400)}");

        var usage = view.Usage;
        var tiers = string.Join(", ", view.Tiers.Select(t => $"{t.Value} by {t.Key}"));
        var spent = usage.ModelCalls > 0 ? $", {usage.ModelCalls} model calls, {usage.Tokens} tokens" : "";
        terminal.Console.Write(new Text($"{view.Status}", Styles.Of(view.Status)));
        terminal.Console.WriteLine($"  {EventLine.One(view.Reason, 400)}  ({view.Steps.Count} steps: {(tiers.Length > 0 ? tiers : "none answered")}; {usage.ToolCalls} tool calls{spent})");
        terminal.Console.WriteLine($"Why: agentmesh goal explain {view.Goal}");
    }
}

/// <summary>An artifact's value as text for people; kinds without a form of their own as JSON.</summary>
internal static class ArtifactText
{
    private static readonly string[] EntityFields = ["name", "accountId", "urgency"];

    public static void Print(Terminal terminal, Artifact artifact)
    {
        var by = artifact.Origin.Tier is { } tier ? $", by {tier}" : "";
        terminal.Console.Write(new Markup($"[bold]── {Markup.Escape(artifact.Kind)}[/] [dim]{Markup.Escape(artifact.Id.Value)}{Markup.Escape(by)}[/]"));
        terminal.Out.WriteLine();
        if (artifact.Value is { } value) foreach (var line in Lines(artifact.Kind, value)) terminal.Console.WriteLine(PlainText.Lines(line));
        else terminal.Out.WriteLine($"{artifact.Content?.Bytes} bytes of {artifact.Content?.MediaType}, sha256 {artifact.Content?.Sha256}");
        terminal.Out.WriteLine();
    }

    private static IEnumerable<string> Lines(string kind, JsonElement value) => kind switch
    {
        "category" => [$"{Text(value, "label")} ({Number(value, "confidence"):0%} sure)", Text(value, "summary")],
        "entities" => [.. EntityFields.Where(f => Text(value, f).Length > 0).Select(f => $"{f,-10} {Text(value, f)}")],
        "passages" => Items(value, "passages").SelectMany(p => new[] { $"{Text(p, "document")} [{Text(p, "start")}-{Text(p, "end")}]  {Text(p, "title")}", $"  {EventLine.One(Text(p, "text"), 240)}" }),
        "ticket" => [$"{Text(value, "id")}  {Text(value, "title")}", Text(value, "url")],
        "issue" => [$"{Text(value, "key")}  {Text(value, "url")}"],
        "reply" => [$"Subject: {Text(value, "subject")}", "", .. Text(value, "text").Split('\n')],
        "brief" => Text(value, "markdown").Split('\n'),
        "findings" => [Text(value, "summary"), .. Items(value, "findings").Select(f => $"  {Text(f, "file")}:{Text(f, "line")}  {EventLine.One(Text(f, "quote"), 200)}")],
        "notification" => [$"sent to {Text(value, "channel")}: {EventLine.One(Text(value, "text"), 400)}"],
        "metrics" => Items(value, "metrics").Select(m => $"{Text(m, "label"),-40} {Text(m, "value"),16} {Text(m, "unit"),-9} {Text(m, "period")}"),
        _ => [value.GetRawText()],
    };

    private static string Text(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var found) && found.ValueKind != JsonValueKind.Null ? found.ToString() : "";

    private static double Number(JsonElement value, string name) =>
        value.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.Number ? found.GetDouble() : 0;

    private static IEnumerable<JsonElement> Items(JsonElement value, string name) =>
        value.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : [];
}
