using System.CommandLine;
using AgentMesh.Cli.Output;
using AgentMesh.Cli.Remote;

namespace AgentMesh.Cli.Commands;

/// <summary><c>agentmesh context add|use|ls|rm</c>: servers by name, with the key that each knows you by.</summary>
internal static class ContextCommand
{
    /// <summary>The name for no server.</summary>
    private const string Local = "local";

    public static Command Build(Terminal terminal) => new("context", "Remember servers by name, with your key for each.") { Add(terminal), Use(terminal), List(terminal), Remove(terminal) };

    private static Command Add(Terminal terminal)
    {
        var name = Name();
        var url = new Argument<string>("url") { Description = "Where the server is." };
        var key = new Option<string?>("--key-file") { Description = "The file with your API key; - reads it from stdin. Left out: the server asks nobody who they are.", HelpName = "FILE" };
        var command = new Command("add", "Remembers a server; one of the same name is replaced. The key is kept in the home, for your eyes only.") { name, url, key }
            .WithExamples("agentmesh context add prod https://mesh.example.com --key-file prod.key", "agentmesh context use prod");
        command.SetAction(async (parsed, ct) =>
        {
            var (called, at) = (parsed.GetValue(name)!, parsed.GetValue(url)!);
            if (called is Local or "" || !called.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
                throw new CliException($"{EventLine.One(called, 40)} is no name for a context: letters, digits, '-', '_' and '.' make one, and {Local} means this machine.");
            var address = RemoteHost.Address(at);
            var secret = parsed.GetValue(key) switch
            {
                null => null,
                "-" => await terminal.In.ReadToEndAsync(ct),
                var file when File.Exists(file) => await File.ReadAllTextAsync(file, ct),
                var file => throw new CliException($"There is no file {file} (--key-file)."),
            };
            secret = secret?.Trim();
            if (secret is not null) RemoteHost.Bearer(secret, "The key file");
            var contexts = new ServerContexts(terminal);
            var book = contexts.Read();
            contexts.Write(book with { Contexts = [.. book.Contexts.Where(c => c.Name != called), new ServerContext(called, address.AbsoluteUri, secret)] });
            terminal.Out.WriteLine($"{called} is {address}. `agentmesh context use {called}` makes it the one that commands work on.");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Use(Terminal terminal)
    {
        var name = Name();
        var command = new Command("use", $"Makes a server the one that commands work on; {Local} for none.") { name }.WithExamples("agentmesh context use prod", $"agentmesh context use {Local}");
        command.SetAction((parsed, _) =>
        {
            var contexts = new ServerContexts(terminal);
            var (book, called) = (contexts.Read(), parsed.GetValue(name)!);
            if (called != Local) Find(book, called);
            contexts.Write(book with { Current = called == Local ? null : called });
            terminal.Out.WriteLine(called == Local ? "Commands work on the mesh of this machine." : $"Commands work on {called}.");
            return Task.FromResult(ExitCodes.Done);
        });
        return command;
    }

    private static Command List(Terminal terminal)
    {
        var command = new Command("ls", "The servers that are remembered; never their keys.").WithExamples("agentmesh context ls");
        command.SetAction((_, _) =>
        {
            var book = new ServerContexts(terminal).Read();
            var table = new TextTable("", "context", "server", "key");
            table.Add(book.Current is null ? "*" : "", Local, "this machine", "");
            foreach (var context in book.Contexts.OrderBy(c => c.Name, StringComparer.Ordinal))
                table.Add(context.Name == book.Current ? "*" : "", context.Name, context.Url, context.Key is null ? "none" : "yes");
            table.Write(terminal);
            return Task.FromResult(ExitCodes.Done);
        });
        return command;
    }

    private static Command Remove(Terminal terminal)
    {
        var name = Name();
        var command = new Command("rm", "Forgets a server and its key.") { name }.WithExamples("agentmesh context rm prod");
        command.SetAction((parsed, _) =>
        {
            var contexts = new ServerContexts(terminal);
            var book = contexts.Read();
            var gone = Find(book, parsed.GetValue(name)!);
            contexts.Write(new ContextBook([.. book.Contexts.Where(c => c.Name != gone.Name)], book.Current == gone.Name ? null : book.Current));
            terminal.Out.WriteLine($"{gone.Name} is forgotten. Its key still works until an admin revokes it.");
            return Task.FromResult(ExitCodes.Done);
        });
        return command;
    }

    private static Argument<string> Name() => new("name") { Description = "The context's name." };

    private static ServerContext Find(ContextBook book, string name) =>
        book.Contexts.FirstOrDefault(c => c.Name == name) ?? throw new CliException($"There is no context {EventLine.One(name, 40)}. `agentmesh context ls` shows them.");
}
