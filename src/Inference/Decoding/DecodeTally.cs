namespace AgentMesh.Inference.Decoding;

/// <summary>Adds up what an engine did. Not thread-safe.</summary>
internal sealed class DecodeTally
{
    private long _ended;
    private long _cancelled;
    private long _failed;

    public long Steps { get; set; }
    public long PromptTokens { get; set; }
    public long ReusedTokens { get; set; }
    public long GeneratedTokens { get; set; }
    public long ForcedTokens { get; set; }
    public long PutBack { get; set; }

    public void Count(GenerationEnd end)
    {
        _ended++;
        if (end == GenerationEnd.Cancelled) _cancelled++;
        if (end == GenerationEnd.Failed) _failed++;
    }

    public DecodeStats Stats(int running, IKvStore pool) => new(
        0, running, pool.Cells, pool.Used, pool.Cached, Steps, PromptTokens, ReusedTokens, GeneratedTokens, ForcedTokens,
        _ended, _cancelled, _failed, PutBack, pool.Evictions);
}
