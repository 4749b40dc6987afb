using System.Net;
using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.GrainInterfaces;
using AgentMesh.GrainInterfaces.Security;
using AgentMesh.Grains;
using AgentMesh.Grains.Engine;
using AgentMesh.Grains.Placement;
using AgentMesh.Grains.Security;
using AgentMesh.Runtime.InMemory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.TestingHost;

namespace AgentMesh.Cluster.Security;

/// <summary>A silo of its own host, on sockets of this machine, with the security that its settings ask for.</summary>
internal sealed class SecuredSilo : IAsyncDisposable
{
    public const string Cluster = "secured";
    private readonly IHost host;
    private readonly IPEndPoint silo;
    private readonly IPEndPoint gateway;

    private SecuredSilo(IHost host, IPEndPoint silo, IPEndPoint gateway) => (this.host, this.silo, this.gateway) = (host, silo, gateway);

    public IPEndPoint Silo => silo;

    public IPEndPoint Gateway => gateway;

    public int Members => host.Services.GetRequiredService<IClusterMembershipService>().CurrentSnapshot.Members.Count(m => m.Value.Status == Orleans.Runtime.SiloStatus.Active);

    /// <param name="joins">A silo of the cluster to join; null to begin one.</param>
    /// <param name="time">The silo's clock; null for the machine's.</param>
    /// <param name="clients">Whether it has a port for clients.</param>
    public static async Task<SecuredSilo> Start(
        IReadOnlyDictionary<string, string> settings, SecuredSilo? joins, CancellationToken ct, TimeProvider? time = null, bool clients = true)
    {
        using var ports = new TestClusterPortAllocator();
        var (siloPort, gatewayPort) = ports.AllocateConsecutivePortPairs(1);
        var (silo, gateway) = (new IPEndPoint(IPAddress.Loopback, siloPort), new IPEndPoint(IPAddress.Loopback, gatewayPort));
        var security = SiloSecurity.FromSettings(settings.GetValueOrDefault, Cluster, silo.Address, clients ? gatewayPort : 0);
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        if (time is not null) builder.Services.AddSingleton(time);
        builder.UseOrleans(orleans =>
        {
            orleans.UseDevelopmentClustering(joins?.silo ?? silo)
                .Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (Cluster, Cluster))
                .ConfigureEndpoints(silo.Address, siloPort, security.ClientPort)
                .AddAgentMeshSecurity(security);
            OneStep.Parts(orleans.AddMemoryGrainStorage(ClusterHosting.AgentStorage), new InMemoryJournal(), new NotAsked(), OneStep.Catalogue);
            orleans.AddAgentMesh(new SiloFacts(["agents", "gateway"], [], [], "test", null), new ClusterEngineOptions());
            // One attempt to join is all that a test wants.
            orleans.Configure<ClusterMembershipOptions>(o => o.MaxJoinAttemptTime = TimeSpan.FromSeconds(3));
        });
        var made = builder.Build();
        try
        {
            await made.StartAsync(ct);
        }
        catch
        {
            made.Dispose();
            throw;
        }

        return new SecuredSilo(made, silo, gateway);
    }

    /// <summary>A client as another service makes it, connected.</summary>
    /// <exception cref="Orleans.Runtime.Messaging.ConnectionFailedException">It was not let in.</exception>
    /// <param name="lost">Told when the client has lost its last gateway.</param>
    public async Task<IHost> Connect(IReadOnlyDictionary<string, string> settings, CancellationToken ct, bool secured = true, Action? lost = null)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.UseOrleansClient(client =>
        {
            client.AddAgentMeshClient(Cluster).UseStaticClustering(gateway);
            if (secured) client.AddAgentMeshSecurity(MeshClientSecurity.FromSettings(settings.GetValueOrDefault, Cluster));
            if (lost is not null) client.AddClusterConnectionLostHandler((_, _) => lost());
            client.UseConnectionRetryFilter((_, _) => Task.FromResult(false)); // One answer is enough.
        });
        var made = builder.Build();
        try
        {
            await made.StartAsync(ct);
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync(CancellationToken.None);
        host.Dispose();
    }

    private sealed class NotAsked : IAgent
    {
        public Task<StepOutcome> Run(StepWork work, IAgentCalls calls, CancellationToken ct) => Task.FromResult<StepOutcome>(new StepOutcome.Failed(FailureKind.Permanent, "Not asked."));
    }
}
