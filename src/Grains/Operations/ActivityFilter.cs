using System.Collections.Concurrent;
using AgentMesh.Runtime.Activity;
using Orleans.Metadata;

namespace AgentMesh.Grains.Operations;

/// <summary>Meters every call to a grain of the mesh on this silo.</summary>
internal sealed class ActivityFilter(ActivityRecorder recorder) : IIncomingGrainCallFilter
{
    private readonly ConcurrentDictionary<GrainType, GrainMeter?> meters = new();

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (Meter(context.TargetId.Type) is not { } meter)
        {
            await context.Invoke();
            return;
        }

        var begun = meter.Begin();
        var failed = true;
        try
        {
            await context.Invoke();
            failed = false;
        }
        finally
        {
            meter.End(begun, failed);
        }
    }

    /// <summary>The meter of a grain type; null for what belongs to Orleans itself, and for the questions of who looks, which are no work of the mesh.</summary>
    public GrainMeter? Meter(GrainType type) => meters.TryGetValue(type, out var known) ? known : meters.GetOrAdd(type, Made);

    private GrainMeter? Made(GrainType type) =>
        type.ToString() is { } name && !name.StartsWith("sys.", StringComparison.Ordinal) && name != SiloGrain.Type ? recorder.Grain(name) : null;
}

/// <summary>Counts activations: every grain passes here when it is made and when it ends.</summary>
internal sealed class ActivationCount(ActivityFilter filter) : IConfigureGrainContext, IConfigureGrainContextProvider
{
    public bool TryGetConfigurator(GrainType grainType, GrainProperties properties, out IConfigureGrainContext configurator)
    {
        configurator = this;
        // Stateless workers have no life of their own to follow.
        return filter.Meter(grainType) is not null
            && properties.Properties.GetValueOrDefault(WellKnownGrainTypeProperties.PlacementStrategy) != "StatelessWorkerPlacement";
    }

    public void Configure(IGrainContext context)
    {
        var meter = filter.Meter(context.GrainId.Type)!;
        context.ObservableLifecycle?.Subscribe(
            nameof(ActivationCount), GrainLifecycleStage.First,
            _ =>
            {
                meter.Activated();
                return Task.CompletedTask;
            },
            _ =>
            {
                meter.Deactivated();
                return Task.CompletedTask;
            });
    }
}
