using AgentMesh.Contracts;
using AgentMesh.EngineConformance;
using AgentMesh.Grains.Streams;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Streams;

namespace AgentMesh.Cluster.Goals;

/// <summary>An order that comes again when its attempt is long over, and the agent's grain with it.</summary>
public sealed class RepeatedOrderTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact(Timeout = ThreeSilos.Limit)]
    public async Task Is_judged_by_the_journal_and_spends_nothing()
    {
        using var world = new World();
        var kept = new TaskCompletionSource<Func<Task>>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var cluster = await ClusterUnderTest.Start(
            new MeshSetup(world.Address), 1, Stores.InMemory(),
            silo => silo.Services.AddKeyedSingleton<IStreamProvider>(
                PushStreamProvider.ProviderName, (s, _) => new KeepingStreams(new PushStreamProvider(s.GetRequiredService<IGrainFactory>(), s.GetRequiredService<LocalConsumers>()), kept)));
        var goal = await cluster.Mesh.Submit(
            Script.Goal(Script.Step("a", "arrive begun; calls 1"), Script.Step("b", "arrive next; hold gate; calls 1", "a")).With(c => c with { Budget = new Budget { ToolCalls = 2 } }), ct: Ct);
        await world.Arrived($"{goal}/next", 1, Ct);

        var inside = cluster.Silos.Silos[0].ServiceProvider.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0);
        await Alone();
        await (await kept.Task)();
        await Alone();
        world.OpenGate($"{goal}/gate");

        while ((await cluster.Mesh.Wait(goal, Ct)).Status == GoalStatus.Running) await Task.Yield();
        var view = await cluster.Mesh.Get(goal, Ct);
        Assert.Equal((GoalStatus.Completed, 2), (view.Status, view.Usage.ToolCalls));
        Assert.False(world.Arrived($"{goal}/begun", 2, Ct).IsCompleted);

        // The first step's agent has gone; the second's waits at its gate.
        async Task Alone()
        {
            while ((await inside.GetDetailedGrainStatistics()).Count(g => g.GrainId.Key.ToString()!.StartsWith($"{goal}/", StringComparison.Ordinal)) != 1) await Task.Yield();
        }
    }

    /// <summary>Keeps the first order that goes through, to bring it once more.</summary>
    private sealed class KeepingStreams(IStreamProvider inner, TaskCompletionSource<Func<Task>> kept) : IStreamProvider
    {
        public string Name => inner.Name;
        public bool IsRewindable => false;

        public IAsyncStream<T> GetStream<T>(StreamId streamId)
        {
            var stream = inner.GetStream<T>(streamId);
            return new TappedStream<T>(stream, async item =>
            {
                if (item is AgentOrder) kept.TrySetResult(() => stream.OnNextAsync(item));
                await stream.OnNextAsync(item);
            });
        }
    }
}
