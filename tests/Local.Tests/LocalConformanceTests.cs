using AgentMesh.EngineConformance;

namespace AgentMesh.Local.Tests;

public sealed class LocalConformanceTests : MeshConformance
{
    protected override Task<IMeshUnderTest> Start(MeshSetup setup) => LocalUnderTest.Start(setup);
}
