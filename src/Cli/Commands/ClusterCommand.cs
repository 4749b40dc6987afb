using System.CommandLine;
using System.Text.Json;
using AgentMesh.Cli.Hosting;
using AgentMesh.Cli.Output;
using AgentMesh.Cli.Remote;
using AgentMesh.Contracts;
using Spectre.Console;

namespace AgentMesh.Cli.Commands;

/// <summary><c>agentmesh cluster status|drain|top</c>: the machines behind a server.</summary>
internal static class ClusterCommand
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(1);

    public static Command Build(Terminal terminal) => new("cluster", "Look at the machines of a cluster, or at the one process behind `agentmesh dev`; take a silo out of service.") { Status(terminal), Drain(terminal), Top(terminal) };

    private static Command Status(Terminal terminal)
    {
        var output = CommonOptions.Output();
        var command = new Command("status", "The silos: what they are for and what they carry.") { output }.WithExamples("agentmesh cluster status --server http://127.0.0.1:8080");
        command.SetAction(async (parsed, ct) =>
        {
            await using var server = Server(parsed, terminal);
            var cluster = await server.Operations.Status(ct);
            if (parsed.IsJson(output)) terminal.Out.WriteLine(JsonSerializer.Serialize(cluster, CliJson.Pretty.ClusterView));
            else Print(terminal, ClusterPage.Status(terminal, cluster));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Drain(Terminal terminal)
    {
        var name = new Argument<string>("silo") { Description = "The silo's name, as `cluster status` shows it." };
        var noWait = new Option<bool>("--no-wait") { Description = "Return once it began." };
        var command = new Command("drain", "Take a silo out of service: it hands over what it runs, then stops.") { name, noWait }.WithExamples("agentmesh cluster drain agents-2");
        command.SetAction(async (parsed, ct) =>
        {
            await using var server = Server(parsed, terminal);
            var silo = parsed.GetValue(name)!;
            await server.Operations.Drain(silo, ct);
            if (parsed.GetValue(noWait)) terminal.Out.WriteLine($"{silo} drains. `agentmesh cluster status` shows how far it is.");
            else await UntilGone(server, silo, terminal, ct);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Top(Terminal terminal)
    {
        var window = new Option<int>("--window") { Description = "Seconds that rates and latencies are taken over, 1 to 3600.", DefaultValueFactory = _ => 60 };
        var output = CommonOptions.Output();
        var command = new Command("top", "What silos, agents and devices do now; live in a terminal, once elsewhere.") { window, output }
            .WithExamples("agentmesh cluster top", "agentmesh cluster top -o json");
        command.SetAction(async (parsed, ct) =>
        {
            if (parsed.GetValue(window) is < 1 or > 3600) throw new CliException("--window is a number of seconds from 1 to 3600.");
            var span = TimeSpan.FromSeconds(parsed.GetValue(window));
            await using var server = Server(parsed, terminal);
            var now = await Snapshot(server, span, ct);
            if (parsed.IsJson(output)) terminal.Out.WriteLine(JsonSerializer.Serialize(now, CliJson.Pretty.ClusterSnapshot));
            else if (!terminal.IsInteractive || !terminal.Console.Profile.Capabilities.Ansi) Print(terminal, ClusterPage.Top(terminal, now));
            else await Live(server, now, span, terminal, ct);
            return ExitCodes.Done;
        });
        return command;
    }

    private static RemoteHost Server(ParseResult parsed, Terminal terminal) => MeshAccess.Remote(parsed, terminal)
        ?? throw new CliException("Give --server URL (or set AGENTMESH_SERVER): that of a silo, or of a single process, which `agentmesh dev` starts.");

    private static async Task<ClusterSnapshot> Snapshot(RemoteHost server, TimeSpan window, CancellationToken ct) =>
        new(await server.Operations.Status(ct), await server.Operations.Activity(window, ct));

    private static async Task UntilGone(RemoteHost server, string name, Terminal terminal, CancellationToken ct)
    {
        var last = "";
        while (true)
        {
            SiloView? silo;
            try
            {
                silo = (await server.Operations.Status(ct)).Silos.FirstOrDefault(s => s.Name == name);
            }
            catch (CliException e) when (e.ExitCode == ExitCodes.Broken)
            {
                throw new CliException($"{name} was told to drain, but {server.Url} no longer answers; it may have been that silo. Ask another one with --server.", ExitCodes.Broken, e);
            }

            if (silo is null or { Status: SiloStatus.Dead }) break;
            var line = $"{name}: {silo.Status.ToString().ToLowerInvariant()}, {silo.Goals} goals and {silo.Activations} agents left";
            if (line != last) terminal.Err.WriteLine(last = line);
            await Task.Delay(Look, terminal.Time, ct);
        }

        terminal.Out.WriteLine($"{name} is out of service.");
    }

    /// <summary>Redraws until Ctrl-C, which is how one leaves and no failure. What was seen last stays.</summary>
    private static async Task Live(RemoteHost server, ClusterSnapshot first, TimeSpan window, Terminal terminal, CancellationToken ct)
    {
        var now = first;
        terminal.Console.Write(Screen.Enter);
        try
        {
            while (true)
            {
                terminal.Console.Write(new Screen(ClusterPage.Top(terminal, now), terminal.Console.Profile.Height));
                await Task.Delay(Refresh, terminal.Time, ct);
                now = await Snapshot(server, window, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The person has seen enough.
        }
        finally
        {
            terminal.Console.Write(Screen.Leave);
        }

        Print(terminal, ClusterPage.Top(terminal, now));
    }

    private static void Print(Terminal terminal, Page page)
    {
        terminal.Console.Write(page);
        terminal.Console.WriteLine();
    }
}
