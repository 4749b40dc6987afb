using Microsoft.Extensions.Hosting;

namespace AgentMesh.Gateway.Health;

/// <summary>All that can be said of any host: it has started, and it takes requests until it stops.</summary>
internal sealed class HostHealth(IHostApplicationLifetime lifetime) : IHealth
{
    public ValueTask<HealthReport> Check(HealthProbe probe, CancellationToken ct) => ValueTask.FromResult(HealthReport.Of(probe switch
    {
        HealthProbe.Startup when !lifetime.ApplicationStarted.IsCancellationRequested => new HealthCheck("host", false, "It starts."),
        HealthProbe.Ready when lifetime.ApplicationStopping.IsCancellationRequested => new HealthCheck("host", false, "It stops and takes no new requests."),
        _ => new HealthCheck("host", true, "It runs."),
    }));
}
