using System.CommandLine;
using AgentMesh.Cli.Hosting;
using AgentMesh.Cli.Output;
using AgentMesh.Contracts;

namespace AgentMesh.Cli.Commands;

/// <summary>Options and arguments that several commands share.</summary>
internal static class CommonOptions
{
    public static Option<string> Output() => new Option<string>("--output", "-o")
    {
        Description = "How to print: table for people, json for programs.",
        DefaultValueFactory = _ => "table",
        Recursive = false,
    }.AcceptOnlyFromAmong("table", "json");

    public static Argument<string> Goal() => new("goal") { Description = "The goal's id, or enough of its first or last characters; `last` for the newest." };

    public static Option<string> By(Func<string, string?> environment) => new("--by")
    {
        Description = "Who decides, as the journal will say.",
        DefaultValueFactory = _ => environment("AGENTMESH_USER") ?? environment("USER") ?? "local",
    };

    public static Option<string?> Model() => new("--model")
    {
        Description = "The model: a .gguf file, or a name that `agentmesh model ls` shows, served in this process; with AGENTMESH_MODEL_URL a name there. Default: AGENTMESH_MODEL, or none.",
        HelpName = "MODEL",
    };

    /// <summary>The terminal with the model that is asked for.</summary>
    public static Terminal With(this ParseResult parsed, Option<string?> model, Terminal terminal) =>
        parsed.GetValue(model) switch
        {
            null => terminal,
            "" => throw new CliException("--model is empty; give a .gguf file, or a model's name."),
            _ when MeshAccess.IsRemote(parsed, terminal) => throw new CliException("--model is for a mesh in this process; a server has its own models."),
            var name => terminal.With("AGENTMESH_MODEL", name),
        };

    /// <summary>Go time spans as people write them: <c>90s</c>, <c>5m</c>, <c>1h30m</c>, <c>2d</c>.</summary>
    public static TimeSpan? Duration(string text)
    {
        var total = TimeSpan.Zero;
        var at = 0;
        while (at < text.Length)
        {
            var start = at;
            while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.')) at++;
            if (at == start || at == text.Length || !double.TryParse(text.AsSpan(start, at - start), out var number)) return null;
            TimeSpan? unit = text[at++] switch
            {
                's' => TimeSpan.FromSeconds(1),
                'm' => TimeSpan.FromMinutes(1),
                'h' => TimeSpan.FromHours(1),
                'd' => TimeSpan.FromDays(1),
                _ => null,
            };
            if (unit is null || number > 1_000_000) return null;
            total += unit.Value * number;
        }

        return total > TimeSpan.Zero ? total : null;
    }

    public static bool IsJson(this ParseResult parsed, Option<string> output) => parsed.GetValue(output) == "json";

    public static async Task<GoalId> Find(IMesh mesh, string text, CancellationToken ct)
    {
        var goals = await mesh.List(new GoalQuery(Limit: 1000), ct);
        if (text == "last") return goals.Count > 0 ? goals[0].Goal : throw new CliException("There is no goal yet. `agentmesh run` makes one.");
        var lower = text.ToLowerInvariant();
        var found = goals.Where(g => g.Goal.Value == lower).ToList();
        if (found.Count == 0) found = [.. goals.Where(g => g.Goal.Value.StartsWith(lower, StringComparison.Ordinal) || g.Goal.Value.EndsWith(lower, StringComparison.Ordinal))];
        return found.Count switch
        {
            1 => found[0].Goal,
            0 => new GoalId(lower),
            _ => throw new CliException($"{found.Count} goals match {text}: {string.Join(", ", found.Take(4).Select(g => g.Goal.Value))}… Give more of the id."),
        };
    }
}
