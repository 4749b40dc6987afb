using System.CommandLine;
using System.Text.Json;
using AgentMesh.Cli.Hosting;
using AgentMesh.Cli.Output;
using AgentMesh.Contracts;
using AgentMesh.Hosting;
using AgentMesh.Inference.ModelFiles;

namespace AgentMesh.Cli.Commands;

/// <summary><c>agentmesh doctor</c>: says what works here, what is not configured, and what is wrong.</summary>
internal static class DoctorCommand
{
    public static Command Build(Terminal terminal)
    {
        var output = CommonOptions.Output();
        var command = new Command("doctor", "Check this machine and its configuration.") { output }.WithExamples("agentmesh doctor");
        command.SetAction(async (parsed, ct) =>
        {
            var checks = new List<CheckLine> { new("version", "ok", $"agentmesh {VersionCommand.Number}, .NET {Environment.Version}, {System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier}") };
            await Storage(checks, terminal, ct);
            Configuration(checks, terminal);
            if (parsed.IsJson(output))
            {
                terminal.Out.WriteLine(JsonSerializer.Serialize<IReadOnlyList<CheckLine>>(checks, CliJson.Pretty.IReadOnlyListCheckLine));
            }
            else
            {
                var table = new TextTable("check", "state", "detail");
                foreach (var check in checks) table.Add(check.Check, (check.State, Styles.Of(check.State)), check.Detail);
                table.Write(terminal);
            }

            return checks.Any(c => c.State == "bad") ? ExitCodes.Broken : ExitCodes.Done;
        });
        return command;
    }

    private static async Task Storage(List<CheckLine> checks, Terminal terminal, CancellationToken ct)
    {
        try
        {
            await using var host = await MeshHost.OpenForReading(terminal, ct);
            checks.Add(new CheckLine("storage", "ok", Server(host, terminal)));
            var goals = await host.Mesh.List(new GoalQuery(Limit: 1000), ct);
            checks.Add(new CheckLine("goals", "ok", $"{goals.Count(g => g.Status is GoalStatus.Planning or GoalStatus.Running)} unfinished, {goals.Count(g => g.Status == GoalStatus.Waiting)} waiting for a person, of the newest {goals.Count}"));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whatever the reason, the person asked to hear it.
            checks.Add(new CheckLine("storage", "bad", e.Message));
        }
    }

    private static string Server(MeshHost host, Terminal terminal) => host.Store.Embedded?.StartupInfo switch
    {
        { } own => $"embedded PostgreSQL {own.Version}, {(own.Initialised ? "new" : own.Adopted ? "taken over from a crashed host" : "started")} in {own.Took.TotalSeconds:0.0} s "
            + $"as {own.Account}, data in {own.DataFolder}",
        null when !string.IsNullOrEmpty(terminal.Environment("AGENTMESH_POSTGRES")) => "the server of AGENTMESH_POSTGRES",
        null => "the embedded server of the agentmesh that already runs on this home",
    };

    private static CheckLine Models(ConfiguredModels models)
    {
        try
        {
            var files = models.Find().Select(f => f.Path).Distinct(StringComparer.Ordinal).ToList();
            return new CheckLine("models", models.For(ModelNeed.Large) is null && files.Count == 0 ? "off" : "ok", string.Join("; ", [models.Description, .. files]));
        }
        catch (ModelFileException e)
        {
            return new CheckLine("models", "bad", e.Message);
        }
    }

    private static void Configuration(List<CheckLine> checks, Terminal terminal)
    {
        try
        {
            var parts = HostParts.Create(terminal.Environment, terminal.Time, Logging.Factory(terminal), null);
            checks.Add(Models(parts.Configured));
            checks.AddRange(parts.Faults.Select(f => new CheckLine("catalogue", "bad", f.ToString())));
            checks.Add(new CheckLine("roles", "ok", string.Join(", ", parts.Catalogue.Roles.Keys.Order(StringComparer.Ordinal))));
            checks.Add(new CheckLine("playbooks", "ok", string.Join(", ", parts.Catalogue.Playbooks.Keys.Order(StringComparer.Ordinal))));
            foreach (var (tool, variable) in new[] { ("ticket.create", "AGENTMESH_TICKETS_URL"), ("jira.create_issue", "AGENTMESH_JIRA_URL"), ("sql.query", "AGENTMESH_SQL_<NAME>"), ("files.read", "AGENTMESH_FILES_ROOT") })
                checks.Add(parts.Toolbox.Find(tool) is null ? new(tool, "off", $"set {variable} to have it") : new(tool, "ok", "configured"));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // As above: a wrong setting is the doctor's finding, not its failure.
            checks.Add(new CheckLine("configuration", "bad", e.Message));
        }
    }
}
