using AgentMesh.Agents;
using AgentMesh.Cli.Output;
using AgentMesh.Contracts;
using AgentMesh.Gateway;
using AgentMesh.Gateway.Limits;
using AgentMesh.Gateway.Telemetry;
using AgentMesh.Gateway.Webhooks;
using AgentMesh.Hosting.Webhooks;
using AgentMesh.Gateway.Security;
using AgentMesh.Runtime;
using AgentMesh.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Cli.Hosting;

/// <summary>The single-process mesh behind the HTTP API.</summary>
internal sealed class DevServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly MeshHost host;
    private readonly TimeProvider time;

    private DevServer(WebApplication app, MeshHost host, TimeProvider time) => (this.app, this.host, this.time) = (app, host, time);

    public string Url => app.Urls.First();

    /// <exception cref="FormatException">A setting cannot be used, or nobody would be asked who they are on an address that others reach.</exception>
    /// <exception cref="IOException">Somebody else listens there.</exception>
    /// <exception cref="StorageException">Another host runs on this home, or the store cannot be started.</exception>
    public static async Task<DevServer> Start(string url, Terminal terminal, CancellationToken ct)
    {
        var auth = AuthOptions.Read(terminal.Environment, AuthMode.None);
        auth.Check(url);
        var limits = LimitOptions.Read(terminal.Environment);
        var webhooks = new WebhookSender(terminal.Environment);
        var mesh = await MeshHost.Open(terminal, ct, roles: ["agents", "gateway"]);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(url);
        // What keeps the server from starting is this program's one line; the host's own would be a second.
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None).AddProvider(new Lines(mesh.Parts.Loggers));
        builder.Services
            // Signals are the program's, which stops the server and then the mesh.
            .AddSingleton<IHostLifetime, NoLifetime>()
            .AddSingleton(terminal.Time)
            .AddSingleton(mesh.Mesh)
            .AddSingleton(mesh.Operations!)
            .AddSingleton(mesh.Knowledge)
            .AddSingleton(mesh.Parts.Attachments)
            .AddSingleton(mesh.Parts.Catalogue)
            .AddSingleton(mesh.Parts.Runtime)
            .AddSingleton(mesh.Activity!)
            .AddAgentMeshMetrics()
            .AddSingleton<IContentStore>(mesh.Store.Content)
            .AddSingleton<IUsage>(mesh.Store.Usage)
            .AddSingleton<IKeyStore>(mesh.Store.Keys)
            .AddSingleton<IAuditLog>(mesh.Store.Audit)
            .AddAgentMeshWebhooks(mesh.Store.Webhooks, webhooks)
            .AddAgentMeshGateway(new GatewayOptions
            {
                Auth = auth, Limits = limits, Dashboard = terminal.Environment("AGENTMESH_DASHBOARD"), IsOutage = e => e is JournalUnavailableException or StoreUnavailableException,
            });
        if (mesh.Parts.Configured.Embeddings is { } embeddings) builder.Services.AddSingleton(embeddings);
        var server = builder.Build();
        server.MapAgentMesh().MapAgentMeshMetrics();
        try
        {
            await server.StartAsync(ct);
            return new DevServer(server, mesh, terminal.Time);
        }
        catch
        {
            await server.DisposeAsync();
            await mesh.DisposeAsync();
            throw;
        }
    }

    public async Task UntilInterrupted(CancellationToken ct)
    {
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, ct);
        }
        catch (OperationCanceledException)
        {
            // Interrupted, as it is meant to be.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(CancellationToken.None);
        await app.DisposeAsync();
        await host.DisposeAsync();
    }

    /// <summary>The program's own log.</summary>
    private sealed class Lines(ILoggerFactory loggers) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => loggers.CreateLogger(categoryName);

        public void Dispose()
        {
        }
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
