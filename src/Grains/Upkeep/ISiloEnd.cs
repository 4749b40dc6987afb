using Microsoft.Extensions.Hosting;

namespace AgentMesh.Grains.Upkeep;

/// <summary>How a silo ends that its cluster goes on without.</summary>
public interface ISiloEnd
{
    /// <summary>The others declared this silo dead, its writer is retired, its goals go on elsewhere: nothing that it still does counts. May be called again.</summary>
    void Retired(string reason);
}

/// <summary>Where the host has no end of its own for it, it is asked to stop.</summary>
internal sealed class HostStops(IHostApplicationLifetime host) : ISiloEnd
{
    public void Retired(string reason) => host.StopApplication();
}
