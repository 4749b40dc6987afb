namespace AgentMesh.TinyModels;

/// <summary>The sizes of a decoder model.</summary>
/// <param name="Architecture"><c>llama</c> or <c>qwen2</c> (which has biases on attention's inputs).</param>
/// <param name="Pretokenizer">How the text is cut before merges, as the file format names it.</param>
/// <param name="Tied">Whether the output layer is the embedding's table.</param>
public sealed record ModelShape(
    string Name, string Architecture, int Layers, int Width, int Heads, int KvHeads, int FeedForward, int Vocabulary, int Context, string Pretokenizer, bool Tied, float RopeBase = 10_000)
{
    /// <summary>Small enough to be written and loaded within a test.</summary>
    public static ModelShape Tiny { get; } = new("tiny", "llama", 2, 64, 4, 2, 128, 1024, 2048, "smollm", Tied: false);

    public static ModelShape TinyQwen2 { get; } = Tiny with { Name = "tiny-qwen2", Architecture = "qwen2", Pretokenizer = "qwen2" };

    /// <summary>The sizes of SmolLM2-135M.</summary>
    public static ModelShape SmolLm2 { get; } = new("smollm2-135m", "llama", 30, 576, 9, 3, 1536, 49_152, 8192, "smollm", Tied: true, 100_000);

    /// <summary>The sizes of Qwen2.5-0.5B.</summary>
    public static ModelShape Qwen25 { get; } = new("qwen2.5-0.5b", "qwen2", 24, 896, 14, 2, 4864, 151_936, 32_768, "qwen2", Tied: true, 1_000_000);

    public static IReadOnlyList<ModelShape> All { get; } = [Tiny, TinyQwen2, SmolLm2, Qwen25];
}
