using System.Globalization;
using AgentMesh.Inference.LlamaCpp;
using AgentMesh.TinyModels;

namespace AgentMesh.Cli.Tests;

/// <summary>A model file as the model: goals, measurements, and every way that it can be the wrong one.</summary>
public sealed class LocalModelTests(Server server)
{
    private const string Translator = """
        name: translator
        purpose: Translates emails into English.
        model: large
        capabilities:
          - consumes: [email]
            produces: translation
            instruction: Translate the email into English.
        kinds:
          translation:
            description: An English text.
            words: [translate, translation]
            schema:
              type: object
              required: [text]
              properties: {text: {type: string, maxLength: 40}}
              additionalProperties: false
        """;

    private static readonly Lazy<string?> Missing = new(() =>
    {
        try
        {
            LlamaLibrary.Load();
            return null;
        }
        catch (LlamaException e)
        {
            return e.Message;
        }
    });

    private static string Tiny(Shell shell)
    {
        Assert.SkipWhen(Missing.Value is not null, Missing.Value ?? "");
        TinyModel.Save(shell.At("tiny.gguf"), ModelShape.Tiny with { Context = 16_384 }, TensorType.Q8_0);
        (shell.Environment["AGENTMESH_DEVICES"], shell.Environment["AGENTMESH_MODEL_THREADS"]) = ("cpu", "1");
        return shell.At("tiny.gguf");
    }

    /// <summary>Weights from the dice: what it says is nonsense, but each answer is one that the agent can read, and the goal comes to an end that says why.</summary>
    [Fact]
    public async Task A_goal_is_worked_on_by_a_model_file_and_ends_cleanly_whatever_it_says()
    {
        await using var shell = await Shell.Open(server);
        var model = Tiny(shell);
        shell.Write("home/roles/translator.yaml", Translator);
        var run = await shell.Run("run", "Translate this mail", "--attach", shell.Mail(), "--model", model, "--budget-calls", "2", "-o", "json");
        Assert.Contains(run.Code, new[] { ExitCodes.Done, ExitCodes.Waiting, ExitCodes.Failed });
        Assert.Contains("loading tiny (", run.Err, StringComparison.Ordinal);
        Assert.Contains("tiny: llama", run.Err, StringComparison.Ordinal);
        Assert.Contains("translation asked tiny: ", run.Err, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", run.Err, StringComparison.Ordinal);
        var told = (await shell.Run("goal", "explain", "last", "-o", "json")).Out;
        Assert.DoesNotContain("holds no JSON object", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_is_measured()
    {
        await using var shell = await Shell.Open();
        var model = Tiny(shell);
        var bench = await shell.Run("model", "bench", model, "--prompt", "40", "--generate", "6", "--parallel", "1,3", "--json");
        Assert.True(bench.Code == 0, bench.Err);
        Assert.Equal(["1", "3"], bench.Json.GetProperty("rows").EnumerateArray().Select(r => r.GetProperty("parallel").GetInt32().ToString(CultureInfo.InvariantCulture)));
        Assert.All(bench.Json.GetProperty("rows").EnumerateArray(), r => Assert.True(r.GetProperty("generatedPerSecond").GetDouble() > 0));
        var table = await shell.Run("model", "bench", model, "--prompt", "20", "--generate", "2", "--parallel", "2");
        Assert.Contains("GENERATED TOKENS/S", table.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model bench", "Which model?")]
    [InlineData("model bench tiny.gguf --parallel 1,none", "--parallel")]
    [InlineData("model bench tiny.gguf --prompt 0", "--prompt")]
    [InlineData("model bench /no/such.gguf", "There is no file /no/such.gguf")]
    [InlineData("run x --model /no/such.gguf", "There is no file /no/such.gguf")]
    [InlineData("run x --model acme/none", "`agentmesh model pull acme/none`")]
    [InlineData("run x --model /no/such.gguf --server http://127.0.0.1:9", "a server has its own models")]
    [InlineData("dev --model /no/such.gguf", "There is no file /no/such.gguf")]
    public async Task A_model_that_is_not_there_is_one_line_before_anything_starts(string line, string says)
    {
        await using var shell = await Shell.Open();
        shell.Environment["HF_HUB_CACHE"] = shell.At("models");
        var run = await shell.Run(line.Split(' '));
        Assert.Contains(says, run.Line, StringComparison.Ordinal);
        Assert.Equal((2, ""), (run.Code, run.Out));
        Assert.False(Directory.Exists(shell.At("home")));
    }

    [Fact]
    public async Task Wrong_files_and_settings_are_one_line_each()
    {
        await using var shell = await Shell.Open(server);
        await Refused(shell.Write("text.gguf", "no model"), "is not a usable GGUF file");
        var model = Tiny(shell);
        shell.Environment["AGENTMESH_MODEL_URL"] = "http://127.0.0.1:9/v1";
        await Refused(model, "unset one of them");
        shell.Environment.Remove("AGENTMESH_MODEL_URL");
        shell.Environment["AGENTMESH_DEVICES"] = "gpu77";
        await Refused(model, "There is no device 'gpu77' here");
        shell.Environment["AGENTMESH_MODEL"] = model;
        Assert.Contains("tiny in this process", (await shell.Run("doctor")).Out, StringComparison.Ordinal);

        async Task Refused(string path, string says)
        {
            var run = await shell.Run("run", "Answer it", "--attach", shell.Mail(), "--model", path);
            Assert.Contains(says, run.Err.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
            Assert.Equal((2, ""), (run.Code, run.Out));
        }
    }

    [Fact]
    public async Task Without_the_library_it_says_where_it_looked()
    {
        await using var shell = await Shell.Open(server);
        var model = Tiny(shell);
        shell.Environment["AGENTMESH_LLAMA"] = shell.At("nothing");
        using var process = CliProcess.Start(shell, "run", "Answer it", "--attach", shell.Mail(), "--model", model);
        await process.Says("AGENTMESH_LLAMA is");
        Assert.Equal(1, await process.Exit());
    }
}
