using AgentMesh.Contracts;
using AgentMesh.Orchestration;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace AgentMesh.Cli.Output;

/// <summary>The plan as a tree: each step with its agent, calls, time and state.</summary>
internal static class PlanTree
{
    private static readonly string[] Frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

    /// <param name="now">For the time of what still runs.</param>
    /// <param name="frame">Turns the spinners; any number.</param>
    public static IRenderable Render(GoalState state, DateTimeOffset now, int frame)
    {
        var view = GoalProjection.View(state);
        var head = state.Plan is { } plan
            ? $"[bold]plan {plan.Version}[/] by {Markup.Escape(plan.Proposer)}  [dim]{Markup.Escape(EventLine.One(plan.Why.Reason, 110))}[/]"
            : $"[blue]{Frames[frame % Frames.Length]}[/] planning…";
        var tree = new Tree(new Markup(head)) { Guide = TreeGuide.Line };
        foreach (var step in view.Steps.Where(s => s.Parent is null)) Add(tree, step, view, now, frame);
        return tree;
    }

    private static void Add(IHasTreeNodes parent, StepView step, GoalView view, DateTimeOffset now, int frame)
    {
        var node = parent.AddNode(new Markup(Line(step, view, now, frame)));
        foreach (var call in step.Calls) node.AddNode(new Markup(CallLine(call, frame)));
        foreach (var child in view.Steps.Where(s => s.Parent == step.Step)) Add(node, child, view, now, frame);
    }

    private static string Line(StepView step, GoalView view, DateTimeOffset now, int frame)
    {
        var (mark, style) = Styles.Of(step.Status);
        if (step.Status == StepStatus.Running) mark = Frames[frame % Frames.Length];
        var colour = style.Foreground.ToMarkup();
        var agent = step.Agent is { } id ? EventLine.ShortAgent(id) : step.Role;
        var time = step.StartedAt is { } started ? $"  [dim]{Seconds((step.EndedAt ?? now) - started)}[/]" : "";
        var attempt = step.Attempts > 1 ? $"  [yellow]attempt {step.Attempts}[/]" : "";
        return $"[{colour}]{mark}[/] [bold]{Markup.Escape(step.Step.Value)}[/]  [dim]{Markup.Escape(agent)}[/]{time}{attempt}  [{colour}]{Markup.Escape(Words(step, view))}[/]";
    }

    private static string Words(StepView step, GoalView view) => step.Status switch
    {
        StepStatus.Completed => $"{step.Produces} by {step.Tier}{(step.Confidence is { } sure ? $", {sure:0%} sure" : "")}",
        StepStatus.Failed or StepStatus.Skipped or StepStatus.Cancelled => $"{step.Status.ToString().ToLowerInvariant()}: {EventLine.One(step.Error ?? "", 110)}",
        StepStatus.Suspended => "waits for a person",
        StepStatus.BackingOff => $"tries again soon: {EventLine.One(step.Error ?? "", 90)}",
        StepStatus.Delegating => "waits for its helpers",
        StepStatus.Running => "running",
        _ => view.Status is GoalStatus.Completed or GoalStatus.Failed or GoalStatus.Cancelled ? "not run" : "waits for its inputs",
    };

    private static string CallLine(CallView call, int frame)
    {
        var mark = call.State switch { "returned" => "[green]→[/]", "failed" => "[red]✘[/]", "unknown" => "[yellow]?[/]", _ => $"[blue]{Frames[frame % Frames.Length]}[/]" };
        var error = call.Error is { } e ? $"  [red]{Markup.Escape(EventLine.One(e, 100))}[/]" : "";
        var time = call.State is "returned" or "failed" ? $"  {call.Seconds:0.00} s" : "";
        return $"{mark} [dim]{Markup.Escape(call.Name)}{time}[/]{error}";
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds < 100 ? $"{Math.Max(0, time.TotalSeconds):0.0} s" : $"{time:h\\:mm\\:ss}";
}
