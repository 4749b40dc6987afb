using AgentMesh.Contracts;

namespace AgentMesh.EngineConformance;

/// <summary>What operators see of every engine alike, and may do to it, where one machine is all that there is.</summary>
public abstract class OperationsConformance : IAsyncDisposable
{
    /// <summary>Milliseconds that no test takes unless it hangs.</summary>
    private const int Limit = 180_000;

    private readonly World world = new();
    private IOperatedMesh? under;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private IOperations Operations => under!.Operations;

    /// <summary>Starts an engine of one silo, or of one process.</summary>
    protected abstract Task<IOperatedMesh> Start(MeshSetup setup);

    public async ValueTask DisposeAsync()
    {
        if (under is not null) await under.DisposeAsync();
        world.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact(Timeout = Limit)]
    public async Task One_machine_is_shown_with_what_it_is_for_and_what_it_carries()
    {
        var goal = await Held();
        var cluster = await Operations.Status(Ct);
        Assert.NotEmpty(cluster.Cluster);
        var silo = Assert.Single(cluster.Silos);
        Assert.All(new[] { silo.Name, silo.Address, silo.Version }, Assert.NotEmpty);
        Assert.Equal((SiloStatus.Active, 1), (silo.Status, silo.Goals));
        Assert.Contains("agents", silo.Roles);
        Assert.True(silo.MemoryBytes > 1 << 20, $"{silo.MemoryBytes} bytes are no process.");
        Assert.True(silo.Activations > 0);

        await Released(goal);
        while ((await Operations.Status(Ct)).Silos[0].Goals > 0) await Task.Yield();
    }

    [Fact(Timeout = Limit)]
    public async Task Activity_has_orchestrators_and_agents_in_whole_buckets()
    {
        var goal = await Held();
        Assert.True((await Grain("writer", TimeSpan.FromMinutes(1))).Activations > 0);
        await Released(goal);
        foreach (var (window, buckets) in new[] { (TimeSpan.FromSeconds(1), 1), (TimeSpan.FromMinutes(1), 6), (TimeSpan.FromHours(9), 360) })
        {
            var view = await Operations.Activity(window, Ct);
            var silo = Assert.Single(view.Silos);
            Assert.Equal((TimeSpan.FromSeconds(10), (await Operations.Status(Ct)).Silos[0].Name), (view.Bucket, silo.Silo));
            Assert.Equal((buckets, buckets), (silo.Memory.Count, silo.Queue.Count));
            Assert.True(silo.Memory[^1] > 1 << 20);
            Assert.All(silo.Grains, g => Assert.Equal((buckets, buckets), (g.CallsByBucket.Count, g.ErrorsByBucket.Count)));
        }

        foreach (var type in new[] { "orchestrator", "writer" })
        {
            var grain = await Grain(type, TimeSpan.FromHours(1));
            Assert.True(grain is { Calls: > 0, Errors: 0, CallsPerSecond: > 0 } && grain.P99 >= grain.P50, $"{grain}");
            Assert.Equal(grain.Calls, grain.CallsByBucket.Sum());
        }
    }

    [Fact(Timeout = Limit)]
    public async Task The_last_one_is_not_drained_and_what_is_not_there_neither()
    {
        var goal = await Held();
        var name = (await Operations.Status(Ct)).Silos[0].Name;
        var last = await Assert.ThrowsAsync<MeshException>(() => Operations.Drain(name, Ct));
        Assert.Equal("last-silo", last.Code);
        Assert.Contains("nothing would drive the goals", last.Message, StringComparison.Ordinal);
        var missing = await Assert.ThrowsAsync<MeshException>(() => Operations.Drain("nobody", Ct));
        Assert.Equal("silo-not-found", missing.Code);
        Assert.Contains(name, missing.Message, StringComparison.Ordinal);
        Assert.Equal(SiloStatus.Active, (await Operations.Status(Ct)).Silos[0].Status);
        await Released(goal);
    }

    /// <summary>A goal whose only agent stands at a gate.</summary>
    private async Task<GoalId> Held()
    {
        under = await Start(new MeshSetup(world.Address));
        var goal = await under.Mesh.Submit(Script.Goal(Script.Step("a", "arrive there; hold gate; say done") with { Role = "writer" }), ct: Ct);
        await world.Arrived($"{goal}/there", 1, Ct);
        return goal;
    }

    private async Task Released(GoalId goal)
    {
        world.OpenGate($"{goal}/gate");
        Assert.Equal(GoalStatus.Completed, (await under!.Mesh.Wait(goal, Ct)).Status);
    }

    private async Task<GrainActivity> Grain(string type, TimeSpan window) => (await Operations.Activity(window, Ct)).Silos[0].Grains.Single(g => g.Type == type);
}
