using AgentMesh.Conformance;
using AgentMesh.EngineConformance;

namespace AgentMesh.Cluster;

/// <summary>The suite on three processes that share one PostgreSQL and nothing else.</summary>
public sealed class ProcessesConformanceTests(PostgresServer server) : MeshConformance
{
    protected override int GoalsPerSeed => 40;

    protected override async Task<IMeshUnderTest> Start(MeshSetup setup)
    {
        var schema = await server.NewSchema();
        await using (await PostgresServer.Open(schema))
        {
            // Opening it makes the tables, once for all three.
        }

        return await ProcessesUnderTest.Start(setup, 3, schema);
    }
}
