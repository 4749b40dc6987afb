using System.Diagnostics;

namespace AgentMesh.ClusterCrash;

/// <summary>All silos killed with -9 at once, and others on new addresses in their place: what a power cut leaves, and a supervisor does.</summary>
public sealed class ColdStartTests(ITestOutputHelper output)
{
    /// <summary>From the start of the new processes until all take requests.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly int AtOnce = Figures.Setting("CLUSTER_GOALS", 8);

    [Fact]
    public async Task A_cluster_that_lost_all_its_silos_comes_up_on_new_addresses_and_goes_on()
    {
        await using var world = await World.Start(delay: TimeSpan.FromMilliseconds(500));
        await world.StartSilos(3);
        var load = new Load(world, AtOnce, seed: 1);
        load.Start();
        await load.Reach(AtOnce);
        var before = world.Living;
        foreach (var silo in before) world.Forget(silo);
        foreach (var silo in before) world.Faults[silo.Address] = await silo.Kill();

        // The members' table has them all as alive, with signs of life of a moment ago: the hardest moment to begin at.
        var since = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => world.StartSilo()));
        var took = since.Elapsed;

        await load.End();
        var judge = await Judge.Of(world, load);
        output.WriteLine($"three silos on new addresses took requests {took.TotalSeconds:0.0} s after they were started: {judge}");
        judge.MustBeSound(load);
        Assert.InRange(took, TimeSpan.Zero, Limit);
        Assert.Empty(world.FailedStarts);
    }
}
