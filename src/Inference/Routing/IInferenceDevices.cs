using AgentMesh.Inference.Remote;

namespace AgentMesh.Inference.Routing;

/// <summary>
/// The way to the devices of the pool, whatever carries it. A device's own errors are data; what an implementation throws (but for
/// <see cref="OperationCanceledException"/> when the token says so) means that the device cannot be reached.
/// </summary>
public interface IInferenceDevices
{
    Task<InferenceReply> Send(string device, InferenceRequest request, CancellationToken ct);

    /// <summary>Ends as <see cref="InferenceUpdate"/> says; without such an end it was cut.</summary>
    IAsyncEnumerable<InferenceUpdate> Stream(string device, InferenceRequest request, CancellationToken ct);
}
