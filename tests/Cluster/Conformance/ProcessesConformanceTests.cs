using AgentMesh.Conformance;
using AgentMesh.EngineConformance;

namespace AgentMesh.Cluster;

/// <summary>The suite on three processes that share one PostgreSQL and nothing else. Starting them takes minutes in all, so they run when asked for.</summary>
public sealed class ProcessesConformanceTests(PostgresServer server) : MeshConformance
{
    private const string Wanted = "AGENTMESH_CONFORMANCE_PROCESSES";

    protected override int GoalsPerSeed => 40;

    protected override async Task<IMeshUnderTest> Start(MeshSetup setup)
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable(Wanted) == "1", $"Set {Wanted}=1 to run the suite on real processes.");
        var schema = await server.NewSchema();
        await using (await PostgresServer.Open(schema))
        {
            // Opening it makes the tables, once for all three.
        }

        return await ProcessesUnderTest.Start(setup, 3, schema);
    }
}
