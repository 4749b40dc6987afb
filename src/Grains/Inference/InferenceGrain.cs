using System.Runtime.CompilerServices;
using AgentMesh.Agents.Models;
using AgentMesh.Grains.Placement;
using AgentMesh.Inference.Remote;
using AgentMesh.Inference.Serving;
using Orleans.Concurrency;

namespace AgentMesh.Grains.Inference;

/// <summary>One device of the inference pool; its key is the silo's address and the device's name. Requests and answers are JSON of <see cref="InferenceJson"/>.</summary>
[Alias("agentmesh.inference")]
internal interface IInferenceGrain : IGrainWithStringKey
{
    [Alias("send"), ResponseTimeout("00:30:00")]
    Task<InferencePayload> Send(InferencePayload request, CancellationToken ct);

    [Alias("stream"), ResponseTimeout("00:30:00")]
    IAsyncEnumerable<InferencePayload> Stream(InferencePayload request, CancellationToken ct);

    [Alias("state")]
    Task<DeviceReport> State();
}

[GenerateSerializer, Immutable, Alias("agentmesh.inference-payload")]
internal readonly record struct InferencePayload([property: Id(0)] byte[] Json);

/// <summary>How a device stands.</summary>
[GenerateSerializer, Immutable, Alias("agentmesh.device-report")]
internal sealed record DeviceReport(
    [property: Id(0)] string Model, [property: Id(1)] int Slots, [property: Id(2)] int Busy, [property: Id(3)] int Queued, [property: Id(4)] bool Draining,
    [property: Id(5)] Support NativeTools, [property: Id(6)] Support JsonSchema, [property: Id(7)] double TokensPerSecond);

/// <inheritdoc cref="IInferenceGrain"/>
[Reentrant, PlacedAt, RunsOn("inference")]
internal sealed class InferenceGrain(InferencePool pool) : Grain, IInferenceGrain
{
    private ModelServer Server
    {
        get
        {
            var device = this.GetPrimaryKeyString().Split('/', 2)[1];
            return pool.Find(device) ?? throw new OrleansException($"This silo has no device {device}.");
        }
    }

    public async Task<InferencePayload> Send(InferencePayload request, CancellationToken ct) =>
        new(InferenceJson.Write(await Server.Answer(InferenceJson.ReadRequest(request.Json), ct)));

    public async IAsyncEnumerable<InferencePayload> Stream(InferencePayload request, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var update in Server.Stream(InferenceJson.ReadRequest(request.Json), ct)) yield return new(InferenceJson.Write(update));
    }

    public Task<DeviceReport> State() => Task.FromResult(Report(Server.Stats));

    private static DeviceReport Report(ServerStats s) =>
        new(s.Model, s.Slots, s.Busy, s.Queued, s.Draining, s.Capabilities.NativeTools, s.Capabilities.JsonSchema, s.TokensPerSecond);
}
