using AgentMesh.EngineConformance;

namespace AgentMesh.Cluster;

/// <summary>The suite on two silos over a journal in memory.</summary>
public sealed class ClusterConformanceTests : MeshConformance
{
    protected override async Task<IMeshUnderTest> Start(MeshSetup setup) => await ClusterUnderTest.Start(setup, 2, Stores.InMemory());
}
