using AgentMesh.Inference.Decoding;
using AgentMesh.Inference.LlamaCpp;
using AgentMesh.TinyModels;

namespace AgentMesh.Inference.Tests.LlamaCpp;

/// <summary>llama.cpp and a tiny model, loaded once for all tests that only read them. Without the libraries those tests are skipped.</summary>
internal static class Models
{
    private static readonly Lazy<(LlamaLibrary? Library, string? Missing)> Loaded = new(() =>
    {
        try
        {
            return (LlamaLibrary.Load(), null);
        }
        catch (LlamaException e) when (e.Message.StartsWith("No llama.cpp found", StringComparison.Ordinal))
        {
            return (null, e.Message);
        }
    });

    private static readonly Lazy<LlamaModel> TinyModel = new(() => Load(ModelShape.Tiny, TensorType.F32));

    public static LlamaLibrary Library
    {
        get
        {
            Assert.SkipWhen(Loaded.Value.Library is null, Loaded.Value.Missing ?? "");
            return Loaded.Value.Library!;
        }
    }

    /// <summary>Shared; not to be disposed.</summary>
    public static LlamaModel Tiny => Library is null ? null! : TinyModel.Value;

    /// <summary>Smaller than the tiny one, for tests that write and load many.</summary>
    public static ModelShape Smallest { get; } = ModelShape.Tiny with { Name = "smallest", Layers = 1, Width = 32, Heads = 2, KvHeads = 1, FeedForward = 64, Vocabulary = 300, Context = 256 };

    public static LlamaModel Load(ModelShape shape, TensorType weights, int seed = 1)
    {
        using var file = new TemporaryFile();
        TinyModels.TinyModel.Save(file.Path, shape, weights, seed);
        // Not mapped: the file is gone once this returns.
        return LlamaModel.Load(Library, file.Path, new LlamaModelOptions("cpu", MemoryMap: false, Trusted: true));
    }

    public static LlamaContext Context(int cells = 256, int sequences = 8, int batch = 64, int outputs = 64) =>
        new(Tiny, new LlamaContextOptions(cells, sequences, batch, outputs, Threads: 1));

    public static BatchToken[] Batch(int sequence, int start, params IReadOnlyList<int> tokens) => [.. tokens.Select((t, i) => new BatchToken(t, start + i, sequence, Output: true))];

    /// <summary>Decodes tokens of one sequence and gives the logits after the last.</summary>
    public static float[] Last(this IDecoder decoder, int sequence, int start, params IReadOnlyList<int> tokens)
    {
        decoder.Decode(Batch(sequence, start, tokens));
        return decoder.Logits(tokens.Count - 1).ToArray();
    }

    public static int Best(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var i = 1; i < logits.Length; i++) if (logits[i] > logits[best]) best = i;
        return best;
    }

    /// <summary>The same numbers but for the order of additions; and the same token would be taken.</summary>
    public static void Same(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var difference = 0f;
        for (var i = 0; i < expected.Length; i++) difference = MathF.Max(difference, MathF.Abs(expected[i] - actual[i]));
        Assert.InRange(difference, 0, 0.02f);
        Assert.Equal(Best(expected), Best(actual));
    }
}

/// <summary>A file's name in the folder for temporary files; the file goes with it.</summary>
internal sealed class TemporaryFile : IDisposable
{
    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"agentmesh-{Guid.NewGuid():N}.gguf");
    public void Dispose() => File.Delete(Path);
}
