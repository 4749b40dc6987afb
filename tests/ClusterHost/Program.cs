using System.Globalization;
using System.Net;
using AgentMesh.ClusterHost;
using AgentMesh.EngineConformance;
using AgentMesh.Grains;
using AgentMesh.Grains.Engine;
using AgentMesh.Grains.Placement;
using AgentMesh.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Configuration;

// A silo of the conformance suite: PostgreSQL and the cluster as in the real program, roles and tools from the suite's world.
// Arguments: the name of the cluster, this silo's port and its port for clients.
var (cluster, siloPort, clientPort) = (args[0], Number(args[1]), Number(args[2]));
var postgres = Environment.GetEnvironmentVariable("AGENTMESH_POSTGRES") ?? throw new InvalidOperationException("Set AGENTMESH_POSTGRES.");

await using var store = await PostgresStore.Open(
    new StorageOptions { Postgres = postgres, MaxConnections = 8, JournalPatience = TimeSpan.FromSeconds(20) }, TimeProvider.System, NullLoggerFactory.Instance);
var orleans = PostgresStore.AdoNetConnection(postgres, 8);
var builder = Host.CreateApplicationBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Error);
builder.Services.AddConformanceParts(new ConformanceParts(), store.Journal, store.Writers, store.Content);
builder.UseOrleans(silo => silo
    .Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (cluster, cluster))
    .ConfigureEndpoints(IPAddress.Loopback, siloPort, clientPort)
    .UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = (PostgresStore.AdoNetInvariant, orleans))
    .UseAdoNetReminderService(o => (o.Invariant, o.ConnectionString) = (PostgresStore.AdoNetInvariant, orleans))
    .AddAdoNetGrainStorage(ClusterHosting.AgentStorage, o => (o.Invariant, o.ConnectionString) = (PostgresStore.AdoNetInvariant, orleans))
    .AddAgentMesh(new SiloFacts(["agents", "gateway"], [], [], "test", null), new ClusterEngineOptions()));
using var host = builder.Build();
await host.StartAsync();
Console.WriteLine("ready");
await host.WaitForShutdownAsync();

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
