using AgentMesh.Doubles;

namespace AgentMesh.Cli.Tests;

/// <summary>Models by command: fetched, listed, taken in, removed; and every way that this can fail, in one line.</summary>
public sealed class ModelTests
{
    private const string File = "tiny-Q4_K_M.gguf";

    [Fact]
    public async Task A_model_is_pulled_listed_and_removed()
    {
        await using var hub = await HubDouble.Start();
        await using var shell = await Open(hub);
        hub.Add(File, HubDouble.Gguf(50_000));
        hub.Add("tiny-Q8_0.gguf", HubDouble.Gguf(90_000, 2));

        var pull = await shell.Run("model", "pull", HubDouble.Repo);
        Assert.Equal(0, pull.Code);
        Assert.True(System.IO.File.Exists(pull.Out.Trim()));
        Assert.Contains($"{File}: 50 kB, sha256 checked", pull.Err, StringComparison.Ordinal);
        Assert.DoesNotContain("\r", pull.Err, StringComparison.Ordinal);
        Assert.DoesNotContain("hf_secret", pull.Err, StringComparison.Ordinal);
        Assert.Contains("here already", (await shell.Run("model", "pull", HubDouble.Repo)).Err, StringComparison.Ordinal);
        Assert.Equal(0, (await shell.Run("model", "pull", HubDouble.Repo + ":q8_0")).Code);

        var listed = await shell.Run("model", "ls");
        Assert.Contains("Q4_K_M  50 kB", listed.Out, StringComparison.Ordinal);
        var json = (await shell.Run("model", "ls", "--json")).Json;
        Assert.Equal(["Q4_K_M", "Q8_0"], json.EnumerateArray().Select(m => m.GetProperty("quant").GetString()));
        Assert.Equal(pull.Out.Trim(), json[0].GetProperty("path").GetString());

        var asked = await shell.Run("model", "rm", HubDouble.Repo + ":Q8_0");
        Assert.Equal(2, asked.Code);
        Assert.Contains("--yes", asked.Err, StringComparison.Ordinal);
        Assert.Equal(0, (await shell.Run("model", "rm", HubDouble.Repo + ":Q8_0", "--yes")).Code);
        Assert.Single((await shell.Run("model", "ls", "-o", "json")).Json.EnumerateArray());
        Assert.Equal(0, (await shell.Run("model", "rm", HubDouble.Repo, "--yes")).Code);
        Assert.Contains("No models", (await shell.Run("model", "ls")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_local_file_gets_a_name()
    {
        await using var hub = await HubDouble.Start();
        await using var shell = await Open(hub);
        await System.IO.File.WriteAllBytesAsync(shell.At(File), HubDouble.Gguf(5000), TestContext.Current.CancellationToken);
        var import = await shell.Run("model", "import", shell.At(File), "--as", "mine");
        Assert.Equal(0, import.Code);
        Assert.Equal(import.Out, (await shell.Run("model", "pull", "mine", "--offline")).Out);
        Assert.Equal(0, (await shell.Run("model", "rm", "mine", "-y")).Code);
        Assert.True(System.IO.File.Exists(shell.At(File)));
        Assert.Empty(hub.Requests);
    }

    [Theory]
    [InlineData("model pull acme/", "names no model", 2)]
    [InlineData("model pull ./x.gguf", "needs no pull", 2)]
    [InlineData("model pull acme/tiny/model.bin", "no .gguf file", 2)]
    [InlineData("model pull http://example.com/x.gguf", "use https", 2)]
    [InlineData("model pull mine", "write org/name", 2)]
    [InlineData("model pull acme/none", "There is no acme/none", 2)]
    [InlineData("model pull acme/tiny-GGUF:Q2_K", "There is: Q5_K_M, Q8_0", 2)]
    [InlineData("model pull acme/tiny-GGUF", "has no Q4_K_M", 2)]
    [InlineData("model pull acme/tiny-GGUF/none.gguf", "no such file", 2)]
    [InlineData("model pull acme/tiny-GGUF:Q8_0 --offline", "is not on this machine", 2)]
    [InlineData("model pull acme/tiny-GGUF:Q5_K_M", "is not what", 1)]
    [InlineData("model rm acme/tiny-GGUF", "agentmesh model ls", 2)]
    [InlineData("model rm ./x.gguf", "a name of the cache", 2)]
    [InlineData("model import /no/such.gguf", "There is no file", 2)]
    public async Task What_cannot_be_is_one_line(string line, string says, int code)
    {
        await using var hub = await HubDouble.Start();
        await using var shell = await Open(hub);
        hub.Add("tiny-Q8_0.gguf", HubDouble.Gguf(5000));
        hub.Add("tiny-Q5_K_M.gguf", HubDouble.Gguf(5000, 2)).Bytes = HubDouble.Gguf(5000, 3);
        var run = await shell.Run(line.Split(' '));
        Assert.Equal((code, ""), (run.Code, run.Out));
        Assert.Contains(says, run.Err.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
        Assert.Single(run.Err.Split('\n'), l => l.StartsWith("agentmesh: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_wrong_endpoint_is_named()
    {
        await using var hub = await HubDouble.Start();
        await using var shell = await Open(hub);
        shell.Environment["HF_ENDPOINT"] = "nowhere";
        var run = await shell.Run("model", "pull", HubDouble.Repo);
        Assert.Equal(2, run.Code);
        Assert.Contains("HF_ENDPOINT", run.Line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Killed_in_the_middle_it_goes_on_where_it_was()
    {
        await using var hub = await HubDouble.Start();
        await using var shell = await Open(hub);
        var file = hub.Add(File, HubDouble.Gguf(100_000));
        hub.Transfers = n => n == 0 ? new(CutAfter: 50_000, Hold: Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken)) : new();
        using (var first = CliProcess.Start(shell, "model", "pull", HubDouble.Repo))
        {
            await first.Says(" 50 %");
            first.Kill();
            await first.Exit();
        }

        Assert.Empty((await shell.Run("model", "ls", "--json")).Json.EnumerateArray());
        using var second = CliProcess.Start(shell, "model", "pull", HubDouble.Repo);
        Assert.Equal(0, await second.Exit());
        Assert.Equal([null, "bytes=50000-"], hub.Gets.Where(g => g.Path.StartsWith("/" + file.Etag, StringComparison.Ordinal)).Select(g => g.Range));
        Assert.Equal(file.Etag, HubFile.Sha256(await System.IO.File.ReadAllBytesAsync((await shell.Run("model", "ls", "--json")).Json[0].GetProperty("path").GetString()!, TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Interrupted_it_says_how_to_go_on()
    {
        await using var hub = await HubDouble.Start();
        await using var shell = await Open(hub);
        hub.Add(File, HubDouble.Gguf(100_000));
        using var interrupt = new CancellationTokenSource();
        hub.Transfers = n =>
        {
            interrupt.Cancel();
            return new(CutAfter: 50_000, Hold: Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken));
        };
        var run = await shell.Run(interrupt.Token, "model", "pull", HubDouble.Repo);
        Assert.Equal(130, run.Code);
        Assert.Contains("the same command goes on", run.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_processes_make_one_transfer()
    {
        await using var hub = await HubDouble.Start();
        await using var shell = await Open(hub);
        var file = hub.Add(File, HubDouble.Gguf(100_000));
        TaskCompletionSource both = new(TaskCreationOptions.RunContinuationsAsynchronously);
        hub.Transfers = _ => new(CutAfter: 50_000, Hold: both.Task);
        using var first = CliProcess.Start(shell, "model", "pull", HubDouble.Repo);
        await first.Says("100 kB");
        using var second = CliProcess.Start(shell, "model", "pull", HubDouble.Repo);
        await second.Says("another process");
        both.SetResult();
        Assert.Equal((0, 0), (await first.Exit(), await second.Exit()));
        Assert.Single(hub.Gets, g => g.Path.StartsWith("/" + file.Etag, StringComparison.Ordinal));
    }

    private static async Task<Shell> Open(HubDouble hub)
    {
        var shell = await Shell.Open();
        shell.Environment["HF_ENDPOINT"] = hub.Endpoint.ToString();
        shell.Environment["HF_HUB_CACHE"] = shell.At("hub");
        shell.Environment["HF_TOKEN"] = "hf_secret";
        return shell;
    }
}
