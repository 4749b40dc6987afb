using AgentMesh.Agents.Models;
using AgentMesh.Inference.Gguf;
using AgentMesh.Inference.InProcess;
using AgentMesh.Inference.ModelFiles;
using AgentMesh.Inference.Remote;
using AgentMesh.Inference.Serving;
using AgentMesh.Inference.Tests.LlamaCpp;
using AgentMesh.TinyModels;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMesh.Inference.Tests.InProcess;

/// <summary>From settings to a model that answers, through the trial in a child process; and each way that this can fail.</summary>
public sealed class LocalModelsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static ModelOptions Read(params (string Name, string Value)[] settings) => ModelOptions.FromEnvironment(name => settings.FirstOrDefault(v => v.Name == name).Value);

    private static LocalModels Models(ModelOptions options) =>
        new(options, () => new ModelStore(new HubOptions { CacheFolder = Path.Combine(Path.GetTempPath(), $"agentmesh-none-{Guid.NewGuid():N}") }), TimeProvider.System, NullLoggerFactory.Instance);

    private static string Fault(params (string Name, string Value)[] settings)
    {
        using var models = Models(Read(settings));
        return Assert.Throws<ModelFileException>(() => models.Load(chat: true, null, Token)).Message;
    }

    [Theory]
    [InlineData("AGENTMESH_MODEL_CONTEXT", "1024")]
    [InlineData("AGENTMESH_MODEL_CONTEXT_EACH", "512")]
    public async Task A_file_of_the_settings_is_loaded_once_and_answers_as_a_tier_of_the_chain(string context, string tokens)
    {
        _ = LlamaCpp.Models.Library;
        using var file = new TemporaryFile();
        TinyModel.Save(file.Path, ModelShape.Tiny, TensorType.Q8_0);
        var options = Read(("AGENTMESH_MODEL", file.Path), (context, tokens), ("AGENTMESH_SLOTS", "2"), ("AGENTMESH_DEVICES", "cpu"), ("AGENTMESH_MODEL_THREADS", "1"));
        var local = Models(options);
        using var chain = ModelChain.Create(options, local: local);
        var name = Path.GetFileNameWithoutExtension(file.Path);
        Assert.Equal((name, file.Path), Assert.Single(local.Find().Select(f => (f.Model, f.File.Path))));
        Assert.Equal((name, name), (chain.ModelFor(Contracts.ModelNeed.Small), chain.ModelFor(Contracts.ModelNeed.Large)));
        Assert.Contains("is not loaded", Assert.Throws<ModelException>(() => chain.Chat(Contracts.ModelNeed.Large)).Message, StringComparison.Ordinal);

        List<ModelLoading> steps = [];
        local.Load(chat: true, steps.Add, Token);
        local.Load(chat: true, steps.Add, Token);
        Assert.Single(steps.OfType<ModelLoading.Began>());
        var done = Assert.Single(steps.OfType<ModelLoading.Done>());
        Assert.Equal((name, "cpu", 1024), (done.Model, done.Device, done.Cells));
        Assert.Equal(1, steps.OfType<ModelLoading.Moved>().Last().Share);

        var chat = chain.Chat(Contracts.ModelNeed.Large, tenant: "acme")!;
        Assert.Equal(new ModelCapabilities(Support.Yes, Support.Yes), ModelCapabilities.Of(chat));
        var answer = await chat.GetResponseAsync([new(ChatRole.User, "Is it urgent?")], new() { MaxOutputTokens = 8, ResponseFormat = ChatResponseFormat.ForJsonSchema(Schema) }, Token);
        Assert.Contains(answer.Text, new[] { "true", "false" });
        Assert.Null(chain.Embeddings);
    }

    private static readonly System.Text.Json.JsonElement Schema = System.Text.Json.JsonElement.Parse("""{"type":"boolean"}""");

    [Fact]
    public async Task Requests_count_for_their_tenant_in_the_engines_metrics()
    {
        _ = LlamaCpp.Models.Library;
        using var file = new TemporaryFile();
        TinyModel.Save(file.Path, ModelShape.Tiny, TensorType.Q8_0);
        var engine = LlamaEngine.Load(file.Path, new LlamaEngineOptions { Name = Path.GetRandomFileName(), Device = "cpu", Threads = 1, Context = 512, Trusted = true }, ct: Token);
        using var metrics = new System.Diagnostics.Metrics.MeterListener();
        var tenants = new System.Collections.Concurrent.ConcurrentBag<object?>();
        metrics.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "agentmesh.inference.requests") listener.EnableMeasurementEvents(instrument);
        };
        metrics.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            var known = tags.ToArray().ToDictionary(t => t.Key, t => t.Value, StringComparer.Ordinal);
            if (Equals(known["model"], engine.Name)) tenants.Add(known["tenant"]);
        });
        metrics.Start();
        var server = new ModelServer(new ModelServerOptions("cpu", engine.Name, 2), engine.Chat, TimeProvider.System);
        foreach (var tenant in new[] { "acme", "bolt" })
        {
            var request = RequestConversion.ToWire([new(ChatRole.User, "Hello")], new() { MaxOutputTokens = 2 }, engine.Name, tenant);
            Assert.Null((await server.Answer(request, Token)).Error);
        }

        // An answer is given before it is counted; the engine's end waits for that.
        engine.Dispose();
        Assert.Equal(["acme", "bolt"], tenants.Order());
    }

    [Fact]
    public async Task An_embedding_model_is_one_setting()
    {
        _ = LlamaCpp.Models.Library;
        using var file = new TemporaryFile();
        TinyEmbedder.Save(file.Path);
        var options = Read(("AGENTMESH_EMBEDDINGS", file.Path), ("AGENTMESH_DEVICES", "cpu"));
        var local = Models(options);
        using var chain = ModelChain.Create(options, local: local);
        Assert.Null(chain.ModelFor(Contracts.ModelNeed.Large));
        local.Load(chat: false, null, Token);
        var vectors = await chain.Embeddings!.GenerateAsync(["the invoice", "a ticket"], cancellationToken: Token);
        Assert.Equal([TinyEmbedder.Width, TinyEmbedder.Width], vectors.Select(v => v.Vector.Length));
    }

    [Fact]
    public void What_cannot_be_served_says_so_in_one_line_with_its_setting()
    {
        _ = LlamaCpp.Models.Library;
        using var file = new TemporaryFile();
        Assert.Contains($"There is no file {file.Path}", Fault(("AGENTMESH_MODEL", file.Path)), StringComparison.Ordinal);
        Assert.Contains("`agentmesh model pull acme/none`", Fault(("AGENTMESH_MODEL", "acme/none")), StringComparison.Ordinal);
        Assert.EndsWith("If it is an endpoint's model, set AGENTMESH_MODEL_URL.", Fault(("AGENTMESH_MODEL", "gpt")), StringComparison.Ordinal);
        Assert.Contains("There is no file models/none.gguf", Fault(("AGENTMESH_MODEL", "models/none.gguf")), StringComparison.Ordinal);
        File.WriteAllText(file.Path, "Dear Sir or Madam");
        var text = Fault(("AGENTMESH_MODEL", file.Path));
        Assert.StartsWith(file.Path, text, StringComparison.Ordinal);
        Assert.Contains("is not a usable GGUF file", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', text);

        TinyModel.Save(file.Path, LlamaCpp.Models.Smallest);
        Assert.Contains("There is no device 'gpu9' here", Fault(("AGENTMESH_MODEL", file.Path), ("AGENTMESH_DEVICES", "gpu9")), StringComparison.Ordinal);
        Assert.StartsWith("AGENTMESH_EMBEDDINGS: ", Fault(("AGENTMESH_EMBEDDINGS", Path.GetTempPath())), StringComparison.Ordinal);
        TinyEmbedder.Save(file.Path);
        Assert.Contains("use a decoder model", Fault(("AGENTMESH_MODEL", file.Path), ("AGENTMESH_DEVICES", "cpu")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, null, false)]
    [InlineData(null, null, "gpu0", false)]
    [InlineData(null, null, "cpu", true)]
    [InlineData("gpu0", null, "gpu0", false)]
    [InlineData("cpu", null, "gpu0", true)]
    [InlineData("cpu", "20", null, true)]
    [InlineData("gpu0", "0", "gpu0", true)]
    [InlineData("gpu0", "20", "gpu0", false)]
    public void Memory_is_checked_where_the_processor_serves(string? device, string? layers, string? best, bool expected)
    {
        using var models = Models(Read([.. new[] { ("AGENTMESH_DEVICES", device), ("AGENTMESH_MODEL_GPU_LAYERS", layers) }.Where(s => s.Item2 is not null).Select(s => (s.Item1, s.Item2!))]));
        Assert.Equal(expected, models.OnProcessor(best));
    }

    [Fact]
    public void A_containers_memory_is_the_least_of_its_limits()
    {
        var root = Directory.CreateTempSubdirectory("agentmesh-").FullName;
        try
        {
            Assert.Null(UsableMemory.Of(root));
            Write("proc/meminfo", "MemTotal:       1000 kB\nMemFree:        10 kB\n");
            Assert.Equal(1_024_000, UsableMemory.Of(root));
            Write("proc/self/cgroup", "0::/user/job\n");
            Write("sys/fs/cgroup/user/job/memory.max", "max\n");
            Assert.Equal(1_024_000, UsableMemory.Of(root));
            Write("sys/fs/cgroup/user/memory.max", "900000\n");
            Assert.Equal(900_000, UsableMemory.Of(root));
            // As seen from within a container, whose own group is the topmost there.
            Write("sys/fs/cgroup/memory.max", "800000\n");
            Assert.Equal(800_000, UsableMemory.Of(root));
            Write("proc/self/cgroup", "8:cpu:/pod\n4:memory:/pod/one\n0::/\n");
            Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "700000\n");
            Assert.Equal(700_000, UsableMemory.Of(root));
            Write("sys/fs/cgroup/memory/pod/memory.limit_in_bytes", "600000\n");
            Assert.Equal(600_000, UsableMemory.Of(root));
            Assert.True(UsableMemory.Bytes > 1 << 20);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }

        void Write(string file, string text)
        {
            var path = Path.Combine(root, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }
    }

    [Fact]
    public void A_model_that_can_never_fit_is_refused_by_what_its_header_says()
    {
        using var file = new TemporaryFile();
        TinyModel.Save(file.Path, ModelShape.Tiny, TensorType.Q8_0);
        var gguf = GgufFile.Read(file.Path);
        // Two layers, two heads of 16 numbers for keys and for values, two bytes each.
        Assert.Equal(2 * 2 * 16 * 2 * 2 * 1000, ModelMemory.Context(gguf, 1000));
        Assert.Equal(ModelMemory.Context(gguf, 2048), ModelMemory.Context(gguf, null));
        ModelMemory.Check(gguf, 1000, gguf.Length + 256_000);
        Assert.Contains("AGENTMESH_MODEL_CONTEXT", Assert.Throws<ModelFileException>(() => ModelMemory.Check(gguf, 1000, gguf.Length + 255_999)).Message, StringComparison.Ordinal);
    }
}
