using AgentMesh.Inference.LlamaCpp;
using AgentMesh.TinyModels;
using static AgentMesh.Inference.Tests.LlamaCpp.Models;

namespace AgentMesh.Inference.Tests.LlamaCpp;

public sealed class ModelTests
{
    [Fact]
    public void It_says_what_the_file_says()
    {
        Assert.Equal("tiny", Tiny.Metadata["general.name"]);
        Assert.Equal(TinyModel.ChatTemplate, Tiny.ChatTemplate);
        Assert.Equal((2, 64, 2048), (Tiny.Layers, Tiny.EmbeddingLength, Tiny.ContextLength));
        Assert.Equal((false, true, false, false), (Tiny.HasEncoder, Tiny.HasDecoder, Tiny.KeepsState, Tiny.IsDiffusion));
        Assert.StartsWith("llama", Tiny.Description, StringComparison.Ordinal);
        Assert.InRange(Tiny.Parameters, 150_000, 300_000);
        Assert.InRange(Tiny.Bytes, Tiny.Parameters * 4, Tiny.Parameters * 4 + 1);
    }

    [Fact]
    public void Progress_is_told_and_its_errors_reach_the_caller()
    {
        using var file = new TemporaryFile();
        TinyModel.Save(file.Path, Smallest);
        var shares = new List<float>();
        using (Open(file.Path, new Told(shares.Add))) Assert.Equal(1, shares[^1]);
        var error = Assert.Throws<LlamaException>(() => Open(file.Path, new Told(_ => throw new InvalidOperationException("no room on the screen"))));
        Assert.Contains("no room on the screen", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Loading_can_be_cancelled()
    {
        using var file = new TemporaryFile();
        TinyModel.Save(file.Path, Smallest);
        using var cancelled = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => LlamaModel.Load(Library, file.Path, new("cpu", Trusted: true), new Told(_ => cancelled.Cancel()), cancelled.Token));
    }

    [Fact]
    public void A_device_that_is_not_there_is_named_with_those_that_are() =>
        Assert.Contains("'gpu9' here; there are: ", Assert.Throws<LlamaException>(() => LlamaModel.Load(Library, "x.gguf", new("gpu9"), ct: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_model_that_the_library_refuses_says_why()
    {
        using var file = new TemporaryFile();
        TinyModel.Writer(Smallest with { Architecture = "martian" }, TensorType.F32, 1).Save(file.Path, 1);
        Assert.Contains("martian", Assert.Throws<LlamaException>(() => Open(file.Path)).Message, StringComparison.Ordinal);
    }

    /// <summary>Loading in turn, with contexts and threads, must not grow: two hundred leaks of even a small model would show.</summary>
    [Fact]
    public void Two_hundred_loads_leave_nothing_behind()
    {
        using var file = new TemporaryFile();
        TinyModel.Save(file.Path, Smallest with { Vocabulary = 2000 }, TensorType.F16);
        var size = new FileInfo(file.Path).Length;
        for (var i = 0; i < 10; i++) Cycle(file.Path, threads: 2);
        var (before, threads) = Use();
        // Two threads that compute wait for each other by turning: on a busy machine that takes its time.
        for (var i = 0; i < 200; i++) Cycle(file.Path, i % 10 == 0 ? 2 : 1);
        var (after, threadsAfter) = Use();
        Assert.InRange(after - before, long.MinValue, 100 * size);
        Assert.InRange(threadsAfter - threads, int.MinValue, 15);

        static (long Bytes, int Threads) Use()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            using var own = System.Diagnostics.Process.GetCurrentProcess();
            return (own.WorkingSet64, own.Threads.Count);
        }

        static void Cycle(string path, int threads)
        {
            using var model = Open(path);
            using var context = new LlamaContext(model, new LlamaContextOptions(256, 4, 32, Threads: threads));
            context.Last(0, 0, 1, 2, 3);
            _ = model.Tokenizer.Size;
        }
    }

    private static LlamaModel Open(string path, IProgress<float>? progress = null) =>
        LlamaModel.Load(Library, path, new LlamaModelOptions("cpu", Trusted: true), progress, TestContext.Current.CancellationToken);

    private sealed class Told(Action<float> tell) : IProgress<float>
    {
        public void Report(float value) => tell(value);
    }
}
