using AgentMesh.Inference.Serving;

namespace AgentMesh.Inference.Decoding;

/// <summary>A request in the queue of a decode loop.</summary>
/// <param name="arrived">By the clock's timestamp.</param>
internal sealed class WaitingRequest(Generation generation, long arrived, long order, long number)
    : QueuedRequest(generation.Request.Tenant, order, number, generation.Request.Prompt.Count + generation.Request.MaxTokens)
{
    public Generation Generation => generation;

    public long Arrived => arrived;

    /// <summary>What it has so far, where it was in the batch before and was put back.</summary>
    public RunningSequence? Before { get; set; }
}
