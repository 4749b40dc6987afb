namespace AgentMesh.Inference.Remote;

/// <summary>Null where the engine did not say.</summary>
public sealed record InferenceUsage(long? Input = null, long? Output = null, long? Total = null, long? CachedInput = null, long? Reasoning = null);

/// <param name="Finish"><c>stop</c>, <c>length</c>, <c>tool_calls</c>, <c>content_filter</c>, or what an engine calls it.</param>
/// <param name="Id">The engine's own id of the answer.</param>
public sealed record InferenceAnswer(
    IReadOnlyList<InferenceMessage> Messages, string? Finish = null, InferenceUsage? Usage = null, string? Id = null, string? Model = null, DateTimeOffset? Created = null);

/// <summary>What became of a request: an answer or an error, never both.</summary>
public sealed record InferenceReply(InferenceAnswer? Answer = null, InferenceError? Error = null)
{
    public static InferenceReply Failed(InferenceError error) => new(null, error);
}

/// <summary>
/// A piece of a streamed answer. A stream ends with exactly one update that has <see cref="Last"/> or <see cref="Error"/>;
/// one that ends without was cut.
/// </summary>
public sealed record InferenceUpdate
{
    public string? Role { get; init; }
    public IReadOnlyList<InferencePart> Parts { get; init; } = [];
    public string? Finish { get; init; }
    public InferenceUsage? Usage { get; init; }
    public string? Id { get; init; }
    public string? MessageId { get; init; }
    public string? Model { get; init; }
    public DateTimeOffset? Created { get; init; }
    public bool Last { get; init; }
    public InferenceError? Error { get; init; }

    public static InferenceUpdate Failed(InferenceError error) => new() { Error = error };

    public static InferenceUpdate End { get; } = new() { Last = true };
}
