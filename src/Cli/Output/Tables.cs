using AgentMesh.Agents;
using AgentMesh.Contracts;
using Spectre.Console;

namespace AgentMesh.Cli.Output;

/// <summary>The lists that several commands print.</summary>
internal static class Tables
{
    public static void Goals(Terminal terminal, IReadOnlyList<GoalSummary> goals)
    {
        if (goals.Count == 0)
        {
            terminal.Out.WriteLine("No goals. `agentmesh run \"…\"` makes one.");
            return;
        }

        var table = new TextTable("goal", "state", "submitted", "text");
        foreach (var goal in goals)
            table.Add(goal.Goal.Value, (goal.Status.ToString(), Styles.Of(goal.Status)), Age(terminal.Time.GetUtcNow() - goal.SubmittedAt), EventLine.One(goal.Text, 70));
        table.Write(terminal);
    }

    public static void Passages(Terminal terminal, IReadOnlyList<Passage> passages)
    {
        foreach (var passage in passages)
        {
            terminal.Out.WriteLine($"{passage.Collection}/{passage.Document} [{passage.Start}-{passage.End}]  {passage.Title}  score {passage.Score:0.000}");
            terminal.Out.WriteLine($"  {EventLine.One(passage.Text, 240)}");
        }
    }

    public static string Age(TimeSpan age) => age switch
    {
        { TotalSeconds: < 60 } => $"{Math.Max(0, (int)age.TotalSeconds)}s ago",
        { TotalMinutes: < 60 } => $"{(int)age.TotalMinutes}m ago",
        { TotalHours: < 48 } => $"{(int)age.TotalHours}h ago",
        _ => $"{(int)age.TotalDays}d ago",
    };
}

/// <summary>Colours by meaning; every one is also said in words.</summary>
internal static class Styles
{
    public static Style Of(GoalStatus status) => new(status switch
    {
        GoalStatus.Completed => Color.Green,
        GoalStatus.Failed => Color.Red,
        GoalStatus.Cancelled => Color.Grey,
        GoalStatus.Waiting => Color.Yellow,
        _ => Color.Blue,
    });

    /// <summary>A check of <c>doctor</c>.</summary>
    public static Style Of(string state) => new(state switch { "ok" => Color.Green, "bad" => Color.Red, _ => Color.Grey });

    public static (string Mark, Style Style) Of(StepStatus status) => status switch
    {
        StepStatus.Completed => ("✔", new Style(Color.Green)),
        StepStatus.Failed => ("✘", new Style(Color.Red)),
        StepStatus.Running => ("▶", new Style(Color.Blue)),
        StepStatus.Suspended => ("?", new Style(Color.Yellow)),
        StepStatus.BackingOff => ("↻", new Style(Color.Yellow)),
        StepStatus.Delegating => ("⋔", new Style(Color.Blue)),
        StepStatus.Skipped => ("–", new Style(Color.Grey)),
        StepStatus.Cancelled => ("✕", new Style(Color.Grey)),
        _ => ("·", new Style(Color.Grey)),
    };
}
