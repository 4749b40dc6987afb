namespace AgentMesh.Inference.Serving;

/// <summary>One model on one device.</summary>
/// <param name="Device">Its name in the cluster; in every refusal and figure.</param>
/// <param name="Model">The name that requests ask for.</param>
/// <param name="Slots">Requests that the engine works on together, at least 1: the sequences of a batching engine, the parallel requests of a model server.</param>
public sealed record ModelServerOptions(string Device, string Model, int Slots)
{
    /// <summary>Requests that may wait; one more is refused. Default: 256.</summary>
    public int QueueLimit { get; init; } = 256;

    /// <summary>How much earlier a request of the next higher priority counts as having arrived. Default: 10s.</summary>
    public TimeSpan HeadStart { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A tenant's share relative to the others; not positive counts as 1. Default: all alike.</summary>
    public Func<string, double> Weight { get; init; } = static _ => 1;

    /// <summary>Tokens that an answer is taken to have at most where the request sets no limit. Default: 2048, as in <see cref="ModelOptions.MaxOutputTokens"/>.</summary>
    public int MaxOutputTokens { get; init; } = 2048;
}
