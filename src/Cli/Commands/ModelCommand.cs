using System.CommandLine;
using System.Text.Json;
using AgentMesh.Cli.Output;
using AgentMesh.Inference.ModelFiles;
using Spectre.Console;

namespace AgentMesh.Cli.Commands;

/// <summary><c>agentmesh model pull|ls|rm|import</c>: the models of this machine, in Hugging Face's cache.</summary>
internal static class ModelCommand
{
    private static readonly PullOptions Patience = new();

    public static Command Build(Terminal terminal) =>
        new("model", "Fetch, list, remove and measure the model files of this machine; the cache is Hugging Face's own.")
        {
            Pull(terminal), List(terminal), Remove(terminal), Import(terminal), ModelBenchCommand.Build(terminal),
        };

    private static Command Pull(Terminal terminal)
    {
        var model = new Argument<string>("model")
        {
            Description = "org/name[:QUANT][@REVISION], org/name/FILE.gguf, or an https address. Without QUANT: Q4_K_M, or the only file where there is no Q4_K_M.",
        };
        var offline = new Option<bool>("--offline") { Description = "Make no request; only look whether it is here." };
        var command = new Command("pull", "Fetch a model and check it; goes on where it stopped. Prints the file's path.") { model, offline }
            .WithExamples("agentmesh model pull Qwen/Qwen2.5-0.5B-Instruct-GGUF:q8_0", "HF_ENDPOINT=https://mirror.example agentmesh model pull org/name/file.gguf");
        command.SetAction(async (parsed, ct) =>
        {
            var name = ModelName.Parse(parsed.GetValue(model)!);
            var options = Options(terminal);
            if (parsed.GetValue(offline)) options = options with { Offline = true };
            using var http = ModelPull.Client();
            var path = await Watched(terminal, report => new ModelPull(http, options, Patience, terminal.Time).Pull(name, report, ct), ct);
            terminal.Out.WriteLine(path);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command List(Terminal terminal)
    {
        var output = CommonOptions.Output();
        var json = new Option<bool>("--json") { Description = "The same as -o json." };
        var command = new Command("ls", "The models of this machine.") { output, json }.WithExamples("agentmesh model ls", "agentmesh model ls --json");
        command.SetAction(parsed =>
        {
            var models = new ModelStore(Options(terminal)).List();
            if (parsed.IsJson(output) || parsed.GetValue(json))
            {
                terminal.Out.WriteLine(JsonSerializer.Serialize(models, CliJson.Pretty.IReadOnlyListStoredModel));
            }
            else if (models.Count == 0)
            {
                terminal.Out.WriteLine("No models. `agentmesh model pull org/name` fetches one.");
            }
            else
            {
                var table = new TextTable("model", "file", "quant", "size", "used", "path");
                foreach (var m in models)
                {
                    table.Add(
                        m.Repo, m.PartsExpected == 1 ? m.File : m.IsComplete ? $"{m.File} ({m.Parts} files)" : $"{m.File} ({m.Parts} of {m.PartsExpected} files)", m.Quant ?? "–",
                        PullLine.Size(m.Bytes), Tables.Age(terminal.Time.GetUtcNow() - m.UsedAt), m.Path);
                }

                table.Write(terminal);
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Remove(Terminal terminal)
    {
        var model = new Argument<string>("model") { Description = "org/name for all of it, org/name:QUANT or org/name/FILE.gguf for a part, or an import's name." };
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask." };
        var command = new Command("rm", "Remove a model, and whatever of it nothing else uses. A part of an unfinished pull goes with its whole org/name.") { model, yes }
            .WithExamples("agentmesh model rm Qwen/Qwen2.5-0.5B-Instruct-GGUF:q8_0", "agentmesh model rm mine --yes");
        command.SetAction(async (parsed, ct) =>
        {
            if (ModelName.Parse(parsed.GetValue(model)!) is not ModelName.InRepo { Revision: null } name)
                throw new CliException("model rm takes a name of the cache, as `agentmesh model ls` shows it, without a revision.");
            var store = new ModelStore(Options(terminal));
            var found = store.Removable(name);
            foreach (var m in found) terminal.Err.WriteLine($"{m.Name}  {PullLine.Size(m.Bytes)}");
            if (!parsed.GetValue(yes))
            {
                if (!terminal.IsInteractive) throw new CliException("There is nobody to ask: give --yes to remove it.");
                if (!await new ConfirmationPrompt($"Remove {Markup.Escape(name.ToString())}?") { DefaultValue = false }.ShowAsync(terminal.Console, ct)) return ExitCodes.Cancelled;
            }

            store.Remove(name);
            terminal.Out.WriteLine($"{name} is removed.");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Import(Terminal terminal)
    {
        var file = new Argument<string>("file") { Description = "A .gguf file; of a split one, any part, with the others beside it." };
        var name = new Option<string?>("--as") { Description = "org/name, or a name alone. Default: the file's name." };
        var copy = new Option<bool>("--copy") { Description = "Copy the file even where a hard link would do, because it is going to be edited in its old place." };
        var command = new Command("import", "Give a local file a name in the cache, without a second copy where the disk allows. A file can also be used by its path, without this.") { file, name, copy }
            .WithExamples("agentmesh model import ~/downloads/tiny-Q4_K_M.gguf --as mine");
        command.SetAction(async (parsed, ct) =>
        {
            var import = new ModelImport(Options(terminal), Patience.FreeBytes, terminal.Time);
            var stored = await Watched(terminal, report => import.Import(parsed.GetValue(file)!, parsed.GetValue(name), parsed.GetValue(copy), report, ct), ct);
            terminal.Out.WriteLine(stored.Path);
            return ExitCodes.Done;
        });
        return command;
    }

    private static HubOptions Options(Terminal terminal) => HubOptions.FromEnvironment(terminal.Environment);

    private static async Task<T> Watched<T>(Terminal terminal, Func<Action<PullEvent>, Task<T>> work, CancellationToken ct)
    {
        using var line = new PullLine(terminal);
        try
        {
            return await work(line.Show);
        }
        catch (OperationCanceledException e) when (ct.IsCancellationRequested)
        {
            throw new CliException("Interrupted. What came is kept: the same command goes on where it stopped.", 130, e);
        }
    }
}
