using AgentMesh.Orchestration;
using Spectre.Console;

namespace AgentMesh.Cli.Output;

/// <summary>The decisions of a goal, for reading.</summary>
internal static class ExplanationPage
{
    public static void Print(Terminal terminal, IReadOnlyList<Decision> decisions)
    {
        foreach (var decision in decisions)
        {
            terminal.Console.Write(new Markup($"[dim]{decision.Sequence,4}[/]  [bold]{Markup.Escape(decision.Subject)}[/]  {Markup.Escape(EventLine.One(decision.What, 400))}"));
            terminal.Out.WriteLine();
            Line(terminal, "because", decision.Why.Reason);
            foreach (var other in decision.Why.Alternatives) Line(terminal, "instead of", other);
            if (decision.Why.Evidence.Count > 0) Line(terminal, "evidence", string.Join(", ", decision.Why.Evidence));
        }
    }

    private static void Line(Terminal terminal, string label, string text)
    {
        terminal.Console.Write(new Markup($"      [dim]{label}[/] {Markup.Escape(EventLine.One(text, 600))}"));
        terminal.Out.WriteLine();
    }
}
