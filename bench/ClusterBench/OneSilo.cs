using System.Net;
using AgentMesh.Agents;
using AgentMesh.Bench;
using AgentMesh.Contracts;
using AgentMesh.Grains;
using AgentMesh.Grains.Engine;
using AgentMesh.Grains.Placement;
using AgentMesh.Runtime;
using AgentMesh.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentMesh.ClusterBench;

/// <summary>One silo on the journal, with the parts that answer at once, for callers in its own process.</summary>
internal static class OneSilo
{
    public const string MemoryStreams = "memory";

    public static readonly Artifact Document = new()
    {
        Id = new ArtifactId("in-1"), Kind = "document", Value = MeshJson.Parse("""{"name":"text.txt","text":"Invoice 4711 was charged twice."}"""), Trust = Trust.Untrusted,
        Origin = new Origin(null, null, null),
    };

    public static async Task<IHost> Start(PostgresStore store)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        var classifier = new RoleDescriptor { Name = "classifier", Purpose = "Classifies.", Capabilities = [new Capability("classify", [], [], "category", "Classify.", [])] };
        var parts = InstantParts.Create(classifier);
        builder.Services.AddSingleton<IJournal>(store.Journal).AddSingleton<IWriterRegistry>(store.Writers).AddSingleton<IKnowledge>(store.Knowledge)
            .AddSingleton(parts.Catalogue).AddSingleton(parts.Planner).AddSingleton(parts.Steps)
            .AddSingleton(new DirectRunner(new InstantClassifier(), parts.Toolbox, NoModels.Instance, parts.Catalogue, new RuntimeOptions(), TimeProvider.System));
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(FreePort(), FreePort())
            .UseInMemoryReminderService()
            .AddMemoryGrainStorage(ClusterHosting.AgentStorage)
            .AddMemoryGrainStorage("PubSubStore")
            .AddMemoryStreams(MemoryStreams)
            .AddAgentMesh(new SiloFacts(["agents", "gateway"], [], [], "bench", null), new ClusterEngineOptions()));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    /// <summary>A silo that knows nothing of the mesh but the same plain class.</summary>
    public static async Task<IHost> Bare(DirectRunner runner)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(runner);
        builder.UseOrleans(silo => silo.UseLocalhostClustering(FreePort(), FreePort()));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class InstantClassifier : IAgent
    {
        private static readonly StepOutcome Answer =
            new StepOutcome.Completed(MeshJson.Parse("""{"label":"billing"}"""), 0.9, "rules", Rationale.Because("It names an invoice."));

        public Task<StepOutcome> Run(StepWork work, IAgentCalls calls, CancellationToken ct) => Task.FromResult(Answer);
    }
}
