using AgentMesh.Inference.Decoding;

namespace AgentMesh.Inference.InProcess;

/// <summary>How a model is served in this process. Every default works on a machine without a GPU.</summary>
public sealed record LlamaEngineOptions
{
    /// <summary>What requests call the model; null: the file's name without its extension.</summary>
    public string? Name { get; init; }

    /// <summary><c>cpu</c>, <c>gpu0</c>, …; null: the first GPU where there is one.</summary>
    public string? Device { get; init; }

    /// <summary>Tokens that all requests and the cache of beginnings hold together; null: what the model was trained for, at most 8,192.</summary>
    public int? Context { get; init; }

    /// <summary>
    /// Whether each request has an equal part of <see cref="Context"/> for itself instead of all sharing it as they need. Faster where dozens are answered at once,
    /// but none may be longer than its part, and a beginning that many share takes its room for each. Default: no.
    /// </summary>
    public bool Separate { get; init; }

    /// <summary>The most tokens of one batch. Default: 512.</summary>
    public int BatchTokens { get; init; } = 512;

    /// <summary>
    /// Beginnings that are kept for later requests in sequences of their own, at most; those that ended keep theirs besides, until their places are taken.
    /// Null: 64, and with <see cref="Separate"/>, where each takes a part of <see cref="Context"/>, none.
    /// </summary>
    public int? Cached { get; init; }

    /// <summary>Layers that a GPU takes; null: all.</summary>
    public int? GpuLayers { get; init; }

    /// <summary>For the CPU's part; null: one for each core.</summary>
    public int? Threads { get; init; }

    /// <summary>Keys and values of 32 bits instead of 16: twice the memory, for whoever compares answers token by token.</summary>
    public bool Precise { get; init; }

    /// <summary>Tokens an answer may have where the request sets no limit. Default: 2048.</summary>
    public int MaxOutputTokens { get; init; } = 2048;

    /// <summary>How requests share the batch.</summary>
    public DecodeOptions Decode { get; init; } = new();

    /// <summary>What the model's template lets its user choose, such as <c>enable_thinking</c>.</summary>
    public IReadOnlyDictionary<string, bool>? TemplateSwitches { get; init; }

    /// <summary>Whether the file needs no trial in a child process: only for files that this process wrote itself.</summary>
    public bool Trusted { get; init; }
}
