using System.CommandLine;
using AgentMesh.Cli.Hosting;
using AgentMesh.Cli.Output;

namespace AgentMesh.Cli.Commands;

/// <summary><c>agentmesh dev</c>: the mesh of this process, with its HTTP API, until it is interrupted.</summary>
internal static class DevCommand
{
    private const string Default = "http://127.0.0.1:8080";

    public static Command Build(Terminal terminal)
    {
        var http = new Option<string?>("--http") { Description = $"Where the API listens; port 0 for any free one. Default: AGENTMESH_HTTP, or {Default}.", HelpName = "URL" };
        var model = CommonOptions.Model();
        var command = new Command("dev", "Runs this home's mesh with the HTTP API until it is interrupted; other terminals use it by --server.") { http, model }
            .WithExamples("agentmesh dev", "agentmesh dev --http http://127.0.0.1:9000");
        command.SetAction(async (parsed, ct) =>
        {
            var url = Checked(parsed.GetValue(http) ?? (terminal.Environment("AGENTMESH_HTTP") is { Length: > 0 } set ? set : Default));
            await using var server = await DevServer.Start(url, parsed.With(model, terminal), ct);
            await terminal.Out.WriteLineAsync($"The mesh listens on {server.Url}. In another terminal: export AGENTMESH_SERVER={server.Url}");
            await terminal.Out.FlushAsync(ct);
            await server.UntilInterrupted(ct);
            return ExitCodes.Done;
        });
        return command;
    }

    private static string Checked(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttp && url.AbsolutePath == "/" && url.Query.Length == 0 && url.UserInfo.Length == 0
            ? text
            : throw new CliException($"{EventLine.One(text, 80)} is nothing to listen on. --http (or AGENTMESH_HTTP) takes a URL such as {Default}.");
}
