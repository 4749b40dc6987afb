using AgentMesh.Cluster.Direct;
using AgentMesh.Contracts;
using AgentMesh.GrainInterfaces;
using AgentMesh.Grains.Engine;
using AgentMesh.Grains.Inference;
using AgentMesh.Grains.Operations;
using AgentMesh.Grains.Security;
using AgentMesh.Grains.Streams;
using AgentMesh.Grains.Upkeep;

namespace AgentMesh.Cluster.Security;

/// <summary>Which grains a client may call.</summary>
public sealed class ScopeTests(DirectMesh mesh) : IClassFixture<DirectMesh>
{
    // Stands for every interface there is: one that is added later is in it, and an engine's is closed without anyone's doing.
    public static TheoryData<Type, bool> Interfaces() =>
        [.. new[] { typeof(IOrchestratorGrain).Assembly, typeof(IGoalGrain).Assembly }
            .SelectMany(a => a.GetTypes()).Where(t => t.IsInterface && t.IsAssignableTo(typeof(IAddressable)))
            .Select(t => new TheoryDataRow<Type, bool>(t, t.IsPublic))];

    [Theory]
    [MemberData(nameof(Interfaces))]
    public void Only_the_public_interfaces_are_open(Type grain, bool open) => Assert.Equal(open, ClientScope.IsOpen(grain));

    [Fact]
    public void The_engines_interfaces_are_among_them()
    {
        var known = Interfaces().Select(r => r.Data).ToList();
        Assert.Superset(new HashSet<(Type, bool)> { (typeof(IGoalGrain), false), (typeof(IKeeperGrain), false), (typeof(ISiloGrain), false), (typeof(IInferenceGrain), false), (typeof(IStreamConsumer<>), false) }, known.ToHashSet());
        Assert.Superset(new HashSet<(Type, bool)> { (typeof(IOrchestratorGrain), true), (typeof(IMeshGrain), true), (typeof(IClassifierGrain), true), (typeof(IRoleGrain), true) }, known.ToHashSet());
    }

    [Fact]
    public async Task A_client_is_refused_by_the_engine_and_by_orleans_own_grains()
    {
        var ct = TestContext.Current.CancellationToken;
        var client = mesh.Client;
        await Refused(() => client.GetGrain<IGoalGrain>("g").Wake());
        await Refused(() => client.GetGrain<IKeeperGrain>(0).Sweep());
        await Refused(() => client.GetGrain<ISiloGrain>(mesh.Silos.Silos[0].SiloAddress.ToParsableString()).Drain());
        await Refused(() => client.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero));
        await Refused(() => client.GetGrain<IStreamConsumer<AttemptReport>>(client.GetGrain<IOrchestratorGrain>("g").GetGrainId()).Receive(default!));
        await Refused(() => client.GetGrain<IStreamConsumer<AgentOrder>>(client.GetGrain<IAnalystGrain>("g").GetGrainId()).Receive(default!));
        // The call for a stream of answers is inside one of Orleans' own, which is open.
        await Refused(async () =>
        {
            await foreach (var _ in Inference().Stream(default, ct)) Assert.Fail("An answer.");
        });
        // The other end of the same: the grains that are for clients answer.
        Assert.Equal("goal-not-found", (await Assert.ThrowsAsync<MeshException>(() => client.GetGrain<IOrchestratorGrain>("none").Get(ct))).Code);

        // Of a grain that every silo can host: inference grains live on the silos of their pool, of which there is none here.
        IInferenceGrain Inference() => client.GetGrain<IInferenceGrain>(client.GetGrain<IOrchestratorGrain>("g").GetGrainId());
    }

    private static async Task Refused(Func<Task> call) => Assert.Equal("not-for-clients", (await Assert.ThrowsAsync<MeshException>(call)).Code);
}
