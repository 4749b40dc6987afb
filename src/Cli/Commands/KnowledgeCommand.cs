using System.CommandLine;
using System.Text;
using System.Text.Json;
using AgentMesh.Agents;
using AgentMesh.Cli.Hosting;
using AgentMesh.Cli.Output;

namespace AgentMesh.Cli.Commands;

/// <summary><c>agentmesh knowledge add|list|search</c>.</summary>
internal static class KnowledgeCommand
{
    private const string Tenant = "default";

    public static Command Build(Terminal terminal) => new("knowledge", "Add, list and search what agents may look up.") { Add(terminal), List(terminal), Search(terminal) };

    private static Command Add(Terminal terminal)
    {
        var paths = new Argument<string[]>("path") { Description = "Folders or files, Markdown or text.", Arity = ArgumentArity.OneOrMore };
        var collection = Collection();
        var command = new Command("add", "Add documents; one of the same name is replaced.") { paths, collection }
            .WithExamples("agentmesh knowledge add docs/support", "agentmesh knowledge add faq.md --collection support");
        command.SetAction(async (parsed, ct) =>
        {
            await using var host = await MeshAccess.Open(parsed, terminal, MeshHost.OpenForReading, ct);
            foreach (var path in parsed.GetValue(paths)!)
            {
                if (Directory.Exists(path))
                {
                    var name = await KnowledgeFolder.Add(host.Knowledge, path, parsed.GetValue(collection), terminal, ct);
                    terminal.Out.WriteLine($"{path} is in collection {name}.");
                }
                else if (File.Exists(path))
                {
                    var name = parsed.GetValue(collection) ?? "default";
                    await host.Knowledge.Add(new KnowledgeDocument(Tenant, name, Path.GetFileName(path), await File.ReadAllTextAsync(path, Encoding.UTF8, ct)), ct);
                    terminal.Out.WriteLine($"{path} is in collection {name}.");
                }
                else
                {
                    throw new CliException($"There is no {path}.");
                }
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static Command List(Terminal terminal)
    {
        var collection = Collection();
        var output = CommonOptions.Output();
        var command = new Command("list", "What there is to look up.") { collection, output }.WithExamples("agentmesh knowledge list");
        command.SetAction(async (parsed, ct) =>
        {
            await using var host = await MeshAccess.Open(parsed, terminal, MeshHost.OpenForReading, ct);
            var entries = await host.Knowledge.List(Tenant, parsed.GetValue(collection), ct);
            if (parsed.IsJson(output))
            {
                terminal.Out.WriteLine(JsonSerializer.Serialize(entries, CliJson.Pretty.IReadOnlyListKnowledgeEntry));
            }
            else if (entries.Count == 0)
            {
                terminal.Out.WriteLine("Nothing yet. `agentmesh knowledge add FOLDER` adds documents.");
            }
            else
            {
                var table = new TextTable("collection", "document", "title", "characters", "passages");
                foreach (var e in entries)
                    table.Add(e.Collection, e.Name, EventLine.One(e.Title, 60), e.Characters.ToString(), e.Passages.ToString());
                table.Write(terminal);
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Search(Terminal terminal)
    {
        var query = new Argument<string>("query") { Description = "Words to look for." };
        var collection = Collection();
        var limit = new Option<int>("--limit") { Description = "Most passages.", DefaultValueFactory = _ => 5 };
        var output = CommonOptions.Output();
        var command = new Command("search", "The passages that match best, with their places.") { query, collection, limit, output }
            .WithExamples("agentmesh knowledge search \"refund after downgrade\"");
        command.SetAction(async (parsed, ct) =>
        {
            var most = parsed.GetValue(limit);
            if (most is < 1 or > 100) throw new CliException("--limit is a number from 1 to 100.");
            await using var host = await MeshAccess.Open(parsed, terminal, MeshHost.OpenForReading, ct);
            IReadOnlyList<string> within = parsed.GetValue(collection) is { } one ? [one] : [];
            var passages = await host.Knowledge.Search(Tenant, within, parsed.GetValue(query)!, most, ct);
            if (parsed.IsJson(output)) terminal.Out.WriteLine(JsonSerializer.Serialize(passages, CliJson.Pretty.IReadOnlyListPassage));
            else if (passages.Count == 0) terminal.Out.WriteLine("Nothing matches.");
            else Tables.Passages(terminal, passages);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Option<string?> Collection() => new("--collection") { Description = "The collection's name." };
}
