using AgentMesh.Inference.Serving;
using AgentMesh.Runtime.Activity;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Grains.Inference;

/// <summary>One device of an inference silo and what serves its model.</summary>
/// <param name="Device"><c>gpu0</c>…, or <c>cpu</c>.</param>
/// <param name="Tier"><c>small</c> or <c>large</c>: which need of a role the model serves.</param>
/// <param name="Slots">Requests that the engine works on together.</param>
/// <param name="Engine">Owned by the host.</param>
public sealed record PoolDevice(string Device, string Model, string Tier, int Slots, IChatClient Engine);

/// <summary>The devices of this silo, each with its model's scheduler. Drains them before the silo leaves, so that their callers move on.</summary>
internal sealed partial class InferencePool : IHostedService, IDisposable
{
    private readonly Dictionary<string, ModelServer> servers = new(StringComparer.Ordinal);
    private readonly TimeSpan patience;
    private readonly ILogger<InferencePool> log;

    public InferencePool(IEnumerable<PoolDevice> devices, ActivityRecorder activity, Engine.ClusterEngineOptions options, TimeProvider time, ILogger<InferencePool> log)
    {
        (patience, this.log) = (options.DrainPatience, log);
        foreach (var device in devices)
        {
            var observer = new Observer(activity.Device(device.Model, device.Device, device.Slots));
            var server = new ModelServer(new ModelServerOptions(device.Device, device.Model, device.Slots), device.Engine, time, observer);
            observer.Of(server);
            servers.Add(device.Device, server);
        }
    }

    public IEnumerable<ModelServer> Servers => servers.Values;

    /// <summary>Null when this silo has no such device.</summary>
    public ModelServer? Find(string device) => servers.GetValueOrDefault(device);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var (device, report) in await Task.WhenAll(servers.Values.Select(async s => (s.Options.Device, await s.Drain(patience, cancellationToken)))))
                LogDrained(log, device, report.HandedBack, report.Cut);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The host waits no longer: what still ran is cut, and its callers move on.
        }
    }

    public void Dispose()
    {
        foreach (var server in servers.Values) server.Dispose();
    }

    private sealed class Observer(InferenceMeter meter) : IServingObserver
    {
        private ModelServer? server;

        public void Of(ModelServer mine) => server = mine;

        public void Started(string device, string tenant, TimeSpan waited) => Look();

        public void Ended(ServedRequest request)
        {
            if (request.OutputTokens > 0) meter.Generated((int)Math.Min(request.OutputTokens, int.MaxValue));
            Look();
        }

        public void Draining(string device, int handedBack) => Look();

        private void Look()
        {
            if (server?.Stats is { } stats) meter.Is(stats.Busy, stats.Queued);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Device} is drained: {HandedBack} waiting requests moved on, {Cut} running ones were cut")]
    private static partial void LogDrained(ILogger log, string device, int handedBack, int cut);
}
