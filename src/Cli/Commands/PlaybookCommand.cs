using System.CommandLine;
using System.Text.Json;
using AgentMesh.Catalog;
using AgentMesh.Cli.Hosting;
using AgentMesh.Cli.Output;
using AgentMesh.Contracts;
using AgentMesh.Hosting;

namespace AgentMesh.Cli.Commands;

/// <summary><c>agentmesh playbook list|validate</c>.</summary>
internal static class PlaybookCommand
{
    public static Command Build(Terminal terminal) => new("playbook", "Look at playbooks and check your own.") { List(terminal), Validate(terminal) };

    private static Command List(Terminal terminal)
    {
        var output = CommonOptions.Output();
        var list = new Command("list", "The playbooks that goals can follow.") { output }.WithExamples("agentmesh playbook list");
        list.SetAction(async (parsed, ct) =>
        {
            await using var server = MeshAccess.Remote(parsed, terminal);
            var parts = server is null ? HostParts.Create(terminal.Environment, terminal.Time, Logging.Factory(terminal), null).WarnOfFaults(terminal) : null;
            IReadOnlyList<Playbook> playbooks = server is null ? [.. parts!.Catalogue.Playbooks.Values.OrderBy(p => p.Name, StringComparer.Ordinal)] : await server.Playbooks(ct);
            if (parsed.IsJson(output))
            {
                terminal.Out.WriteLine(JsonSerializer.Serialize(playbooks, CliJson.Pretty.IReadOnlyListPlaybook));
                return ExitCodes.Done;
            }

            var table = new TextTable("playbook", "from", "needs", "steps", "description");
            foreach (var book in playbooks)
            {
                table.Add(
                    book.Name, parts?.Origin($"playbook:{book.Name}") ?? "server", string.Join(", ", book.Requires), string.Join(" → ", book.Steps.Select(s => s.Id.Value)),
                    EventLine.One(book.Description, 400));
            }

            table.Write(terminal);
            return ExitCodes.Done;
        });
        return list;
    }

    private static Command Validate(Terminal terminal)
    {
        var files = new Argument<string[]>("file") { Description = "Playbook files, or folders of them.", Arity = ArgumentArity.OneOrMore };
        var output = CommonOptions.Output();
        var command = new Command("validate", "Check playbook files; names the line and the reason of every error.") { files, output }
            .WithExamples("agentmesh playbook validate .agentmesh/playbooks/refund.yaml");
        command.SetAction(parsed =>
        {
            var parts = HostParts.Create(terminal.Environment, terminal.Time, Logging.Factory(terminal), null);
            var found = new List<DiagnosticLine>();
            foreach (var path in parsed.GetValue(files)!.SelectMany(Files))
            {
                found.AddRange(PlaybookLoader.Validate(path, parts.Catalogue).Select(d =>
                    new DiagnosticLine(d.File, d.Line, d.Column, d.Severity.ToString().ToLowerInvariant(), d.Message)));
            }

            if (parsed.IsJson(output)) terminal.Out.WriteLine(JsonSerializer.Serialize<IReadOnlyList<DiagnosticLine>>(found, CliJson.Pretty.IReadOnlyListDiagnosticLine));
            else foreach (var d in found) terminal.Err.WriteLine($"{d.File}:{d.Line}:{d.Column}: {d.Severity}: {d.Message}");
            var bad = found.Any(d => d.Severity == "error");
            if (!bad && !parsed.IsJson(output)) terminal.Out.WriteLine("valid");
            return bad ? ExitCodes.Usage : ExitCodes.Done;
        });
        return command;
    }

    private static IEnumerable<string> Files(string path)
    {
        if (Directory.Exists(path))
            return Directory.EnumerateFiles(path, "*.y*ml", SearchOption.AllDirectories).Order(StringComparer.Ordinal);
        return File.Exists(path) ? [path] : throw new CliException($"There is no file {path}.");
    }
}
