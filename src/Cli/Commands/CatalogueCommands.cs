using System.CommandLine;
using System.Text.Json;
using AgentMesh.Cli.Hosting;
using AgentMesh.Cli.Output;
using AgentMesh.Cli.Remote;
using AgentMesh.Contracts;
using AgentMesh.Hosting;

namespace AgentMesh.Cli.Commands;

/// <summary><c>agentmesh role list</c> and <c>agentmesh tool list</c>.</summary>
internal static class CatalogueCommands
{
    public static Command Roles(Terminal terminal)
    {
        var output = CommonOptions.Output();
        var list = new Command("list", "The roles that agents can take, built in and your own.") { output }.WithExamples("agentmesh role list");
        list.SetAction(async (parsed, ct) =>
        {
            await using var server = MeshAccess.Remote(parsed, terminal);
            var parts = server is null ? HostParts.Create(terminal.Environment, terminal.Time, Logging.Factory(terminal), null).WarnOfFaults(terminal) : null;
            IReadOnlyList<RoleDescriptor> roles = server is null ? [.. parts!.Catalogue.Roles.Values.OrderBy(r => r.Name, StringComparer.Ordinal)] : await server.Roles(ct);
            if (parsed.IsJson(output))
            {
                terminal.Out.WriteLine(JsonSerializer.Serialize(roles, CliJson.Pretty.IReadOnlyListRoleDescriptor));
                return ExitCodes.Done;
            }

            var table = new TextTable("role", "from", "makes", "tools", "purpose");
            foreach (var role in roles)
            {
                table.Add(
                    role.Name, parts?.Origin($"role:{role.Name}") ?? "server", string.Join(", ", role.Capabilities.Select(c => c.Produces).Distinct(StringComparer.Ordinal)),
                    string.Join(", ", role.Tools), EventLine.One(role.Purpose, 400));
            }

            table.Write(terminal);
            return ExitCodes.Done;
        });
        return new Command("role", "Look at the roles that agents can take.") { list };
    }

    public static Command Tools(Terminal terminal)
    {
        var output = CommonOptions.Output();
        var list = new Command("list", "The tools that are configured here.") { output }.WithExamples("agentmesh tool list", "agentmesh tool list -o json");
        list.SetAction(async (parsed, ct) =>
        {
            await using var host = await MeshAccess.Open(parsed, terminal, MeshHost.OpenForReading, ct);
            IReadOnlyList<ToolDescriptor> tools = host is RemoteHost server
                ? await server.Tools(ct) : [.. ((MeshHost)host).Parts.Toolbox.Descriptors.Values.OrderBy(t => t.Name, StringComparer.Ordinal)];
            if (parsed.IsJson(output))
            {
                terminal.Out.WriteLine(JsonSerializer.Serialize(tools, CliJson.Pretty.IReadOnlyListToolDescriptor));
                return ExitCodes.Done;
            }

            var table = new TextTable("tool", "effect", "consent", "description");
            foreach (var tool in tools)
                table.Add(tool.Name, tool.Effect.ToString(), tool.Approval.ToString(), EventLine.One(tool.Description, 160));
            table.Write(terminal);
            return ExitCodes.Done;
        });
        return new Command("tool", "Look at the tools that agents can call.") { list };
    }
}
