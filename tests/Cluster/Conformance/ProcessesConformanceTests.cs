using AgentMesh.Conformance;
using AgentMesh.EngineConformance;

namespace AgentMesh.Cluster;

/// <summary>The suite on three processes that share one PostgreSQL and nothing else. Its crashes take minutes in all, so it runs when asked for.</summary>
public sealed class ProcessesConformanceTests(PostgresServer server, SharedCluster shared) : MeshConformance, IClassFixture<SharedCluster>
{
    private const string Wanted = "AGENTMESH_CONFORMANCE_PROCESSES";

    protected override int GoalsPerSeed => 40;

    protected override async Task<IMeshUnderTest> Start(MeshSetup setup)
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable(Wanted) == "1", $"Set {Wanted}=1 to run the suite on real processes.");
        return await shared.Lend(setup, Schema, async (postgres, world) => await ProcessesUnderTest.Start(world, 3, postgres));
    }

    private async Task<string> Schema()
    {
        var schema = await server.NewSchema();
        await using (await PostgresServer.Open(schema))
        {
            // Opening it makes the tables, once for all three.
        }

        return schema;
    }
}
