using AgentMesh.Contracts;
using AgentMesh.Grains.Engine;
using AgentMesh.Grains.Inference;
using AgentMesh.Grains.Placement;
using AgentMesh.Inference.Serving;
using AgentMesh.Runtime.Activity;
using Microsoft.Extensions.Hosting;
using Orleans.Concurrency;

namespace AgentMesh.Grains.Operations;

/// <summary>What one silo tells of itself. Its key is the silo's address.</summary>
[Alias("agentmesh.silo")]
internal interface ISiloGrain : IGrainWithStringKey
{
    [Alias("report")]
    Task<SiloReport> Report();

    [Alias("activity")]
    Task<ActivityView> Activity(TimeSpan window);

    /// <summary>Begins the silo's stop and returns.</summary>
    [Alias("drain")]
    Task Drain();
}

/// <param name="Goals">Goals that move here.</param>
/// <param name="Memory">Working set in bytes.</param>
[GenerateSerializer, Immutable, Alias("agentmesh.silo-report")]
internal sealed record SiloReport(
    [property: Id(0)] int Goals, [property: Id(1)] int Activations, [property: Id(2)] long Memory, [property: Id(3)] IReadOnlyList<DeviceView> Devices);

/// <inheritdoc cref="ISiloGrain"/>
[GrainType(Type), Reentrant, PlacedAt]
internal sealed class SiloGrain(ActivityRecorder activity, GoalHosting goals, InferencePool pool, IHostApplicationLifetime host) : Grain, ISiloGrain
{
    public const string Type = "silo";

    public Task<SiloReport> Report() => Task.FromResult(new SiloReport(goals.Goals, activity.Grains.Sum(g => g.Activations), activity.MemoryBytes, [.. pool.Servers.Select(s => Device(s.Stats))]));

    public Task<ActivityView> Activity(TimeSpan window) => Task.FromResult(activity.Snapshot(window));

    private static DeviceView Device(ServerStats s) => new(s.Model, s.Device, s.Slots, s.Busy, s.Queued, s.TokensPerSecond);

    public Task Drain()
    {
        // Not before the answer is on its way: the stop ends this activation too.
        _ = Task.Run(host.StopApplication);
        return Task.CompletedTask;
    }
}
