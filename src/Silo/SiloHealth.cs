using AgentMesh.Gateway.Health;
using Microsoft.Extensions.Hosting;

namespace AgentMesh.Silo;

/// <summary>
/// Started and ready: an active member of its cluster that does not stop. Alive: the process answers. Neither asks the database or the other
/// silos, so that an outage of theirs restarts nobody.
/// </summary>
internal sealed class SiloHealth(IHostApplicationLifetime lifetime, ILocalSiloDetails local, IClusterMembershipService membership) : IHealth
{
    public ValueTask<HealthReport> Check(HealthProbe probe, CancellationToken ct)
    {
        var status = membership.CurrentSnapshot.GetSiloStatus(local.SiloAddress);
        return ValueTask.FromResult(HealthReport.Of(probe switch
        {
            HealthProbe.Live => new HealthCheck("silo", true, "It runs."),
            _ when lifetime.ApplicationStopping.IsCancellationRequested => new HealthCheck("silo", false, "It drains and takes nothing new."),
            _ => new HealthCheck("silo", status == SiloStatus.Active, $"{local.Name} at {local.SiloAddress.ToParsableString()} is {status} in its cluster."),
        }));
    }
}
