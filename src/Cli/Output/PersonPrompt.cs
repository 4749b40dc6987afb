using System.Text.Json;
using AgentMesh.Cli.Commands;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;
using Spectre.Console;

namespace AgentMesh.Cli.Output;

/// <summary>Asks the person at the terminal what the goal asks.</summary>
internal static class PersonPrompt
{
    private const string Leave = "leave it for later";

    /// <returns>False when the person leaves it for later.</returns>
    /// <param name="asking">Ends the question; a decision that was given is carried out all the same.</param>
    public static async Task<bool> Ask(IMesh mesh, GoalState state, Terminal terminal, CancellationToken asking, CancellationToken ct)
    {
        var by = terminal.Environment("AGENTMESH_USER") ?? terminal.Environment("USER") ?? "local";
        var open = state.Requests.First(r => r.IsOpen);
        return open.Approval is { } approval
            ? await Approve(mesh, state.Goal, approval, by, terminal, asking, ct)
            : await Answer(mesh, state.Goal, open.Question!, by, terminal, asking, ct);
    }

    /// <summary>Says on stderr how to go on from another shell.</summary>
    public static void Hint(Terminal terminal, GoalView view)
    {
        foreach (var approval in view.OpenApprovals)
        {
            terminal.Error($"goal {view.Goal} waits for consent to {approval.Tool}: {approval.Why}");
            terminal.Err.WriteLine($"  agentmesh goal approve {view.Goal} {approval.Request}    (or reject … --reason WHY, or edit … --arguments JSON)");
        }

        foreach (var question in view.OpenQuestions)
        {
            terminal.Error($"goal {view.Goal} asks: {question.Question}");
            terminal.Err.WriteLine($"  agentmesh goal answer {view.Goal} {(question.Choices.Count > 0 ? string.Join('|', question.Choices.Select(c => $"\"{PlainText.Line(c)}\"")) : "\"…\"")} --request {question.Request}");
        }
    }

    private static async Task<bool> Approve(IMesh mesh, GoalId goal, ApprovalRequested approval, string by, Terminal terminal, CancellationToken asking, CancellationToken ct)
    {
        terminal.Console.MarkupLineInterpolated($"[yellow]── consent needed: {approval.Tool}[/]");
        terminal.Console.MarkupLineInterpolated($"{PlainText.Lines(approval.Why)}");
        foreach (var property in approval.Arguments.EnumerateObject())
        {
            var untrusted = approval.Untrusted.Any(path => path == $"/{property.Name}" || path.StartsWith($"/{property.Name}/", StringComparison.Ordinal));
            // All of it: consent is for exactly these arguments.
            terminal.Console.MarkupLine($"  [bold]{Markup.Escape(PlainText.Lines(property.Name))}[/]{(untrusted ? " [yellow](untrusted)[/]" : "")}: {Markup.Escape(PlainText.Lines(property.Value.ToString()))}");
        }

        var choice = await Show(terminal, Choice("What shall happen?", ["approve", "reject", "edit", Leave]), asking);
        switch (choice)
        {
            case "approve":
                await mesh.Decide(goal, new ApprovalDecided(approval.Request, ApprovalVerdict.Approved, by), ct);
                return true;
            case "reject":
                var reason = await Show(terminal, new TextPrompt<string>("Why?"), asking);
                await mesh.Decide(goal, new ApprovalDecided(approval.Request, ApprovalVerdict.Rejected, by, reason), ct);
                return true;
            case "edit":
                await Edit(mesh, goal, approval, by, terminal, asking, ct);
                return true;
            default:
                return false;
        }
    }

    private static async Task Edit(IMesh mesh, GoalId goal, ApprovalRequested approval, string by, Terminal terminal, CancellationToken asking, CancellationToken ct)
    {
        const string Done = "make the call";
        var fields = approval.Arguments.EnumerateObject().Select(p => new KeyValuePair<string, JsonElement>(p.Name, p.Value)).ToList();
        while (true)
        {
            var name = await Show(terminal, Choice("Which argument?", [.. fields.Select(f => f.Key), Done]), asking);
            if (name == Done) break;
            var at = fields.FindIndex(f => f.Key == name);
            var text = await Show(terminal, new TextPrompt<string>($"{Markup.Escape(PlainText.Lines(name))} (empty keeps it):").AllowEmpty(), asking);
            if (text.Length == 0) continue;
            try
            {
                fields[at] = new(name, Value(fields[at].Value.ValueKind, text));
            }
            catch (CliException e)
            {
                terminal.Error(e.Message);
            }
        }

        try
        {
            await mesh.Decide(goal, new ApprovalDecided(approval.Request, ApprovalVerdict.Edited, by, null, JsonArgument.Object(fields)), ct);
        }
        catch (MeshException e) when (e.Code == "arguments-invalid")
        {
            terminal.Error(e.Message);
        }
    }

    // What others wrote is no markup.
    private static SelectionPrompt<string> Choice(string title, IEnumerable<string> choices) =>
        new SelectionPrompt<string>().Title(title).AddChoices(choices).UseConverter(c => Markup.Escape(PlainText.Lines(c)));

    private static async Task<T> Show<T>(Terminal terminal, IPrompt<T> prompt, CancellationToken ct)
    {
        try
        {
            return await prompt.ShowAsync(terminal.Console, ct);
        }
        catch (OperationCanceledException)
        {
            // The prompt leaves the cursor at the end of its last line.
            terminal.Console.WriteLine();
            throw;
        }
    }

    private static JsonElement Value(JsonValueKind kind, string text) =>
        kind == JsonValueKind.String ? JsonArgument.String(text) : JsonArgument.Parse(text, "the value");

    private static async Task<bool> Answer(IMesh mesh, GoalId goal, QuestionAsked question, string by, Terminal terminal, CancellationToken asking, CancellationToken ct)
    {
        terminal.Console.MarkupLine("[yellow]── question[/]");
        terminal.Console.MarkupLineInterpolated($"{PlainText.Lines(question.Question)}");
        string answer;
        if (question.Choices.Count > 0)
        {
            answer = await Show(terminal, Choice("Your answer", [.. question.Choices, Leave]), asking);
        }
        else
        {
            answer = await Show(terminal, new TextPrompt<string>($"Your answer (empty to {Leave}):").AllowEmpty(), asking);
        }

        if (answer == Leave || string.IsNullOrWhiteSpace(answer)) return false;
        await mesh.Answer(goal, new QuestionAnswered(question.Request, by, answer), ct);
        return true;
    }
}
