namespace AgentMesh.Inference.Decoding;

/// <summary>How a decode loop shares its decoder out.</summary>
public sealed record DecodeOptions
{
    /// <summary>Requests in the batch together. Default: 32, or what the decoder can if that is less.</summary>
    public int Running { get; init; } = 32;

    /// <summary>Requests that may wait; one more is refused. Default: 256.</summary>
    public int QueueLimit { get; init; } = 256;

    /// <summary>
    /// Tokens of prompts that are computed in one step while others generate: more serves prompts sooner, less keeps the others' tokens coming.
    /// Default: 256. With nobody generating a step takes as many as the decoder does.
    /// </summary>
    public int PromptChunk { get; init; } = 256;

    /// <summary>Whether requests share the beginnings of their prompts, and those of earlier ones. Default: yes; not every kind of model can.</summary>
    public bool Reuse { get; init; } = true;

    /// <summary>
    /// Cells that are asked to be free for the answer of a request before it starts, at most. More starts fewer requests, less may have to put one back
    /// that has begun (its work is kept for as long as there is room). Default: 256.
    /// </summary>
    public int AnswerRoom { get; init; } = 256;

    /// <summary>How much earlier a request of the next higher priority counts as having arrived. Default: 10s.</summary>
    public TimeSpan HeadStart { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A tenant's share relative to the others; not positive counts as 1. Default: all alike.</summary>
    public Func<string, double> Weight { get; init; } = static _ => 1;
}
