using AgentMesh.Contracts;
using AgentMesh.EngineConformance;
using AgentMesh.Grains.Operations;
using Microsoft.Extensions.DependencyInjection;
using SiloStatus = AgentMesh.Contracts.SiloStatus;

namespace AgentMesh.Cluster;

/// <summary>What operators see of one silo, as of the single process; and of several that do not answer.</summary>
public sealed class ClusterOperationsTests : OperationsConformance
{
    [Fact]
    public async Task Silos_that_do_not_answer_are_shown_without_figures_and_their_activity_is_unavailable()
    {
        var asked = new Silent();
        using var world = new World();
        await using var mesh = await ClusterUnderTest.Start(
            new MeshSetup(world.Address), 2, Stores.InMemory(), silo => silo.Services.AddSingleton<IOutgoingGrainCallFilter>(asked));
        var silos = (await mesh.Operations.Status(TestContext.Current.CancellationToken)).Silos;
        Assert.Equal([(SiloStatus.Active, 0L), (SiloStatus.Active, 0L)], silos.Select(s => (s.Status, s.MemoryBytes)));
        var none = await Assert.ThrowsAsync<MeshException>(() => mesh.Operations.Activity(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        Assert.Equal("cluster-unavailable", none.Code);
        Assert.Contains("None of 2 silos", none.Message, StringComparison.Ordinal);
        Assert.Contains("Try again", none.Message, StringComparison.Ordinal);
    }

    protected override async Task<IOperatedMesh> Start(MeshSetup setup) => await ClusterUnderTest.Start(setup, 1, Stores.InMemory());

    /// <summary>Ends questions to silos as a silo's death does: some time out, others are cancelled.</summary>
    private sealed class Silent : IOutgoingGrainCallFilter
    {
        private int questions;

        public Task Invoke(IOutgoingGrainCallContext context) => !typeof(ISiloGrain).IsAssignableFrom(context.InterfaceMethod.DeclaringType) ? context.Invoke()
            : Interlocked.Increment(ref questions) % 2 == 0 ? throw new TimeoutException() : throw new TaskCanceledException();
    }
}
