using AgentMesh.EngineConformance;

namespace AgentMesh.Local.Tests;

public sealed class LocalConformanceTests : MeshConformance
{
    protected override async Task<IMeshUnderTest> Start(MeshSetup setup) => await LocalUnderTest.Start(setup);
}

public sealed class LocalOperationsTests : OperationsConformance
{
    protected override async Task<IOperatedMesh> Start(MeshSetup setup) => await LocalUnderTest.Start(setup);
}
