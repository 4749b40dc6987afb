using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using AgentMesh.Cli.Hosting;
using AgentMesh.Cli.Output;
using AgentMesh.Inference;
using AgentMesh.Inference.Decoding;
using AgentMesh.Inference.InProcess;
using AgentMesh.Inference.LlamaCpp;
using AgentMesh.Inference.ModelFiles;

namespace AgentMesh.Cli.Commands;

/// <summary><c>agentmesh model bench</c>: how fast a model is on this machine.</summary>
internal static class ModelBenchCommand
{
    private const int MostTokens = 32_768;
    private const int MostRequests = 128;

    public static Command Build(Terminal terminal)
    {
        var model = new Argument<string?>("model") { Description = "A .gguf file, or a name that `agentmesh model ls` shows. Default: AGENTMESH_MODEL.", Arity = ArgumentArity.ZeroOrOne };
        var prompt = new Option<int>("--prompt") { Description = "Tokens of each prompt.", DefaultValueFactory = _ => 512 };
        var generate = new Option<int>("--generate") { Description = "Tokens that each request generates.", DefaultValueFactory = _ => 64 };
        var parallel = new Option<string>("--parallel") { Description = "Requests at once; several numbers make several rows.", DefaultValueFactory = _ => "1,8,32" };
        var output = CommonOptions.Output();
        var json = new Option<bool>("--json") { Description = "The same as -o json." };
        var command = new Command("bench", "Measure a model on this machine, with the AGENTMESH_MODEL_* settings of a host.") { model, prompt, generate, parallel, output, json }
            .WithExamples("agentmesh model bench mine", "agentmesh model bench tiny.gguf --prompt 1500 --generate 64 --parallel 1,32 --json");
        command.SetAction(async (parsed, ct) =>
        {
            var (tokens, made) = (Between("--prompt", parsed.GetValue(prompt), MostTokens), Between("--generate", parsed.GetValue(generate), MostTokens));
            List<int> rows = [.. parsed.GetValue(parallel)!.Split(',').Select(n => Between("--parallel", int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0, MostRequests))];
            var name = parsed.GetValue(model) ?? terminal.Environment("AGENTMESH_MODEL");
            if (string.IsNullOrEmpty(name)) throw new CliException("Which model? Give a .gguf file or a name of `agentmesh model ls`, or set AGENTMESH_MODEL.");

            var options = ModelOptions.FromEnvironment(Settings(terminal, name, rows.Max()));
            using var models = new LocalModels(options, () => new ModelStore(HubOptions.FromEnvironment(terminal.Environment)), terminal.Time, Logging.Factory(terminal));
            using (var line = new LoadLine(terminal)) await Task.Run(() => models.Load(chat: true, line.Show, ct), ct);
            var engine = models.Engine(options.Model!);
            var figures = await Measure(engine, rows, tokens, made, ct);
            if (parsed.IsJson(output) || parsed.GetValue(json))
                terminal.Out.WriteLine(JsonSerializer.Serialize(new BenchDocument(engine.Name, engine.Description, engine.Device, tokens, made, figures), CliJson.Pretty.BenchDocument));
            else Table(figures).Write(terminal);
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<IReadOnlyList<BenchFigures>> Measure(LlamaEngine engine, IReadOnlyList<int> rows, int prompt, int generate, CancellationToken ct)
    {
        try
        {
            List<BenchFigures> figures = [];
            foreach (var row in rows) figures.Add(await engine.Bench(row, prompt, generate, ct));
            return figures;
        }
        catch (PromptTooLongException e)
        {
            throw new CliException(e.Message, inner: e);
        }
        catch (LlamaException e)
        {
            throw new CliException(e.Message, ExitCodes.Broken, e);
        }
    }

    private static TextTable Table(IReadOnlyList<BenchFigures> figures)
    {
        var table = new TextTable("at once", "prompt tokens/s", "generated tokens/s", "first token", "at worst", "memory");
        foreach (var f in figures)
            table.Add($"{f.Parallel}", Number(f.PromptPerSecond), Number(f.GeneratedPerSecond), Milliseconds(f.FirstToken), Milliseconds(f.FirstTokenAtWorst), PullLine.Size(f.MemoryBytes));
        return table;

        static string Number(double value) => value.ToString(value < 100 ? "0.0" : "0", CultureInfo.InvariantCulture);
        static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms");
    }

    /// <summary>The host's, but for the model, which is a file, and room for all requests.</summary>
    private static Func<string, string?> Settings(Terminal terminal, string model, int most) => name => name switch
    {
        "AGENTMESH_MODEL" => model,
        "AGENTMESH_MODEL_URL" or "AGENTMESH_MODEL_SMALL" or "AGENTMESH_EMBEDDINGS" or "AGENTMESH_EMBEDDING_MODEL" => null,
        "AGENTMESH_SLOTS" => most.ToString(CultureInfo.InvariantCulture),
        _ => terminal.Environment(name),
    };

    private static int Between(string option, int value, int most) =>
        value >= 1 && value <= most ? value : throw new CliException($"{option} takes numbers from 1 to {most}.");
}

/// <summary>What <c>model bench -o json</c> prints.</summary>
/// <param name="Prompt">Tokens of each prompt.</param>
/// <param name="Generate">Tokens that each request generates.</param>
internal sealed record BenchDocument(string Model, string Description, string Device, int Prompt, int Generate, IReadOnlyList<BenchFigures> Rows);
