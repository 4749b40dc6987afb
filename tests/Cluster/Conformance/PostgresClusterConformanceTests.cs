using AgentMesh.Conformance;
using AgentMesh.EngineConformance;

namespace AgentMesh.Cluster;

/// <summary>The suite on three silos over a journal in PostgreSQL.</summary>
public sealed class PostgresClusterConformanceTests(PostgresServer server, SharedCluster shared) : MeshConformance, IClassFixture<SharedCluster>
{
    protected override int GoalsPerSeed => 40;

    protected override Task<IMeshUnderTest> Start(MeshSetup setup) => shared.Lend(setup, server.NewSchema, async (postgres, world) =>
    {
        var store = await PostgresServer.Open(postgres);
        return await ClusterUnderTest.Start(world, 3, new Stores(store.Journal, store.Writers, store.Content, store));
    });
}
