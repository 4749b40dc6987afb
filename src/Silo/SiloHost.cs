using System.Reflection;
using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Gateway;
using AgentMesh.Gateway.Health;
using AgentMesh.Gateway.Telemetry;
using AgentMesh.Gateway.Webhooks;
using AgentMesh.GrainInterfaces;
using AgentMesh.Grains;
using AgentMesh.Grains.Engine;
using AgentMesh.Grains.Placement;
using AgentMesh.Grains.Security;
using AgentMesh.Grains.Upkeep;
using AgentMesh.Hosting;
using AgentMesh.Hosting.Telemetry;
using AgentMesh.Hosting.Webhooks;
using AgentMesh.Runtime;
using AgentMesh.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace AgentMesh.Silo;

/// <summary>The composition of one silo. Read top to bottom it is the list of what a silo is made of.</summary>
internal static partial class SiloHost
{
    /// <summary>Below the 30 s that a grain call may take: who waits for an append hears what became of it.</summary>
    private static readonly TimeSpan JournalPatience = TimeSpan.FromSeconds(20);

    /// <summary>For membership, reminders and agents' memory; the journal has its own.</summary>
    private const int OrleansConnections = 8;

    /// <exception cref="FormatException">A setting has a value that cannot be used.</exception>
    /// <exception cref="Inference.ModelFiles.ModelFileException">A model's file cannot be served.</exception>
    /// <exception cref="StorageException">The database cannot be reached, or its schema does not fit this program.</exception>
    public static async Task<WebApplication> Build(Func<string, string?> setting, CancellationToken ct)
    {
        var settings = SiloSettings.Read(setting);
        var storage = StorageOptions.FromEnvironment(setting);
        if (setting("AGENTMESH_JOURNAL_PATIENCE") is null or "") storage = storage with { JournalPatience = JournalPatience };
        var postgres = storage.Postgres
            ?? throw new FormatException("AGENTMESH_POSTGRES is not set: the silos of a cluster share one PostgreSQL. Give its connection string, or use `agentmesh run`, which needs none.");

        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(settings.Http);
        var telemetry = HostTelemetry.Start(setting, settings.Name, Version);
        Log(builder.Logging, setting, telemetry);
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = settings.Drain + TimeSpan.FromSeconds(10));

        var loggers = LoggerFactory.Create(logging => Log(logging.AddConsole(), setting, telemetry));
        var store = await PostgresStore.Open(storage, TimeProvider.System, loggers, ct);
        var parts = HostParts.Create(setting, TimeProvider.System, loggers, store.Knowledge).RequireSound();
        builder.Services
            .AddSingleton(_ => store) // Made by the container, so that it is disposed of last.
            .AddSingleton<IJournal>(store.Journal)
            .AddSingleton<IWriterRegistry>(store.Writers)
            .AddSingleton<IContentStore>(store.Content)
            .AddSingleton<IUsage>(store.Usage)
            .AddSingleton<IKeyStore>(store.Keys)
            .AddSingleton<IAuditLog>(store.Audit)
            .AddSingleton<IKnowledge>(store.Knowledge)
            .AddSingleton(parts.Attachments)
            .AddSingleton(parts.Catalogue)
            .AddSingleton(s => ClusterHosting.PoolModels(s, parts.Models))
            .AddSingleton(s => parts.Planner(s.GetRequiredService<IModels>()))
            .AddSingleton(s => parts.Steps(store.Content, s.GetRequiredService<IModels>()))
            .AddSingleton(s => parts.Direct(s.GetRequiredService<IModels>()))
            .AddSingleton(parts.Runtime)
            .AddSingleton<IHealth, SiloHealth>()
            .AddSingleton<SuddenEnd>()
            .AddAgentMeshMetrics()
            .AddSingleton<ISiloEnd>(s => s.GetRequiredService<SuddenEnd>())
            .AddAgentMeshGateway(new Gateway.GatewayOptions
            {
                Auth = settings.Auth, Limits = settings.Limits, Dashboard = setting("AGENTMESH_DASHBOARD"), IsOutage = e => e is JournalUnavailableException or StoreUnavailableException,
            })
            .AddSingleton<IMesh>(s => new MeshClient(s.GetRequiredService<IGrainFactory>(), s.GetRequiredService<TimeProvider>()));

        if (settings.Roles.Contains("gateway", StringComparer.Ordinal)) builder.Services.AddAgentMeshWebhooks(store.Webhooks, new WebhookSender(setting));
        var orleans = PostgresStore.AdoNetConnection(postgres, OrleansConnections);
        var inference = await InferenceDevices.Open(settings, setting, loggers, ct);
        var devices = inference.All;
        // Agents ask the pool, which has this silo's own devices from the start; without any they ask what this silo serves itself.
        await parts.Configured.Load(step => InferenceDevices.Report(loggers.CreateLogger<InferenceDevices>(), step), ct, chat: devices.Count == 0);
        if (parts.Configured.Embeddings is { } embeddings) builder.Services.AddSingleton(embeddings);
        foreach (var device in devices) builder.Services.AddSingleton(device);
        builder.UseOrleans(silo => silo
            .Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (settings.Cluster, settings.Cluster))
            .Configure<SiloOptions>(o => o.SiloName = settings.Name)
            .ConfigureEndpoints(settings.Address, settings.SiloPort, settings.Security.ClientPort)
            .AddAgentMeshSecurity(settings.Security)
            .UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = (PostgresStore.AdoNetInvariant, orleans))
            .UseAdoNetReminderService(o => (o.Invariant, o.ConnectionString) = (PostgresStore.AdoNetInvariant, orleans))
            .AddAdoNetGrainStorage(ClusterHosting.AgentStorage, o => (o.Invariant, o.ConnectionString) = (PostgresStore.AdoNetInvariant, orleans))
            .AddAgentMesh(
                new SiloFacts(settings.Roles, [.. devices.Select(d => d.Device)], ClusterHosting.ModelsOf(devices), Version, TimeProvider.System.GetUtcNow()),
                new ClusterEngineOptions { DrainPatience = settings.Drain }));

        // Calls between grains carry the trace that they belong to; only a host that sends traces pays for it.
        if (telemetry is not null) builder.UseOrleans(silo => silo.AddActivityPropagation());
        builder.Services.Replace(ServiceDescriptor.Singleton<IFatalErrorHandler>(s => s.GetRequiredService<SuddenEnd>()));

        var app = builder.Build();
        // Last: what is still at work in the silo has ended by then.
        app.Lifetime.ApplicationStopped.Register(() =>
        {
            inference.Dispose();
            parts.Configured.Dispose();
        });
        if (settings.Security.Warning is { } warning) LogSecurity(app.Logger, warning);
        if (settings.Roles.Contains("gateway", StringComparer.Ordinal)) app.MapAgentMesh();
        else app.MapAgentMeshHealth();
        app.MapAgentMeshMetrics();
        if (telemetry is not null) app.Lifetime.ApplicationStopped.Register(telemetry.Dispose);
        return app;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Warning}")]
    private static partial void LogSecurity(ILogger log, string warning);

    // Its commit in seven digits, as people write it.
    private static string Version { get; } = Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion is var full
        && full.IndexOf('+', StringComparison.Ordinal) is >= 0 and var plus && full.Length > plus + 8 ? full[..(plus + 8)] : full;

    // Orleans warns, with stacks, of each missed probe and pause; what an operator must know of it (who left, what was taken up) the mesh says itself.
    private static void Log(ILoggingBuilder logging, Func<string, string?> setting, HostTelemetry? telemetry)
    {
        if (telemetry is not null) logging.AddProvider(telemetry);
        var level = LogLevelOf(setting("AGENTMESH_LOG"));
        logging.SetMinimumLevel(level);
        if (level >= LogLevel.Information) logging.AddFilter("Orleans", level > LogLevel.Error ? level : LogLevel.Error);
        if (level == LogLevel.Information) logging.AddFilter("Microsoft", LogLevel.Warning);
    }

    private static LogLevel LogLevelOf(string? text) => text is null or "" ? LogLevel.Warning
        : Enum.TryParse<LogLevel>(text, ignoreCase: true, out var level) ? level
        : throw new FormatException($"AGENTMESH_LOG is {text}; it takes debug, information, warning, error or none.");
}
