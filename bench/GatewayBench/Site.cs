using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Gateway;
using AgentMesh.Gateway.Security;
using AgentMesh.Local;
using AgentMesh.Runtime;
using AgentMesh.Runtime.Activity;
using AgentMesh.Storage;
using AgentMesh.Tools.Mail;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMesh.GatewayBench;

/// <summary>A single-process mesh on a real store, and the gateway in front of it, which may be stopped and started again while the mesh goes on.</summary>
internal sealed class Site : IAsyncDisposable
{
    private readonly PostgresStore store;
    private readonly LocalEngine hosted;
    private readonly MeshCatalogue catalogue;
    private readonly GatewayOptions options;
    private WebApplication? app;

    private Site(PostgresStore store, LocalEngine engine, IMesh mesh, MeshCatalogue catalogue, GatewayOptions options) =>
        (this.store, hosted, Mesh, this.catalogue, this.options) = (store, engine, mesh, catalogue, options);

    public IMesh Mesh { get; }

    /// <summary>With a slash at its end; stays the same over a restart.</summary>
    public Uri Url { get; private set; } = new("http://127.0.0.1:0/");

    public static async Task<Site> Start(PostgresStore store, MeshCatalogue catalogue, PlanRunner planner, StepRunner steps, GatewayOptions options)
    {
        var engine = new LocalEngine(
            new LocalOptions(), store.Journal, host => new GoalWork(host, planner, new LocalAttempts(host, steps, NullLogger<LocalAttempts>.Instance), NullLogger<GoalWork>.Instance),
            $"bench-{Guid.NewGuid():N}", TimeProvider.System, NullLogger<LocalEngine>.Instance);
        var site = new Site(store, engine, new LocalMesh(engine, store.Journal, catalogue, new TimeOrderedGoalIds(TimeProvider.System)), catalogue, options);
        await site.Open();
        return site;
    }

    public async Task Open()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        // On the loopback the kernel takes megabytes for a client that reads nothing; over a network it takes about so much.
        builder.WebHost.UseUrls(Url.ToString()).UseSockets(o => o.CreateBoundListenSocket = at =>
        {
            var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(at);
            socket.SendBufferSize = 64 * 1024;
            return socket;
        });
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(10));
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>().AddSingleton(Mesh).AddSingleton(catalogue).AddSingleton<IContentStore>(store.Content).AddSingleton<IUsage>(store.Usage)
            .AddSingleton<IKeyStore>(store.Keys).AddSingleton<IAuditLog>(store.Audit).AddSingleton<IKnowledge>(store.Knowledge).AddSingleton<IAttachmentReader>(new AttachmentReader())
            .AddSingleton<IOperations>(new LocalOperations("bench", ["agents", "gateway"], "0", TimeProvider.System.GetUtcNow(), new ActivityRecorder("bench", TimeProvider.System, () => 0, () => 0)))
            .AddAgentMeshGateway(options with { Auth = new AuthOptions { Mode = AuthMode.None } });
        app = builder.Build();
        app.MapAgentMesh();
        // The least that a durable submit can cost: the same body, one append, nothing else.
        app.MapPost("/bare", Bare.Submit(store.Journal)).ForAnyone();
        await app.StartAsync();
        Url = new Uri(app.Urls.First() + "/");
    }

    public async Task Close()
    {
        if (app is null) return;
        await app.StopAsync();
        await app.DisposeAsync();
        app = null;
    }

    public async ValueTask DisposeAsync()
    {
        await Close();
        await hosted.DisposeAsync();
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
