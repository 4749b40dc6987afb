using AgentMesh.Conformance;
using AgentMesh.EngineConformance;

namespace AgentMesh.Cluster;

/// <summary>The suite on three silos over a journal in PostgreSQL.</summary>
public sealed class PostgresClusterConformanceTests(PostgresServer server) : MeshConformance
{
    protected override int GoalsPerSeed => 40;

    protected override async Task<IMeshUnderTest> Start(MeshSetup setup)
    {
        var schema = await server.NewSchema();
        var store = await PostgresServer.Open(schema);
        return await ClusterUnderTest.Start(setup, 3, new Stores(store.Journal, store.Writers, store.Content, store));
    }
}
