namespace AgentMesh.ClusterCrash;

/// <summary>Silos killed with -9 under load, one replaced each time. <c>make cluster-crash</c> kills 300.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private static readonly int Kills = Figures.Setting("CLUSTER_KILLS", 2);

    /// <summary>
    /// The longest from a replacement's being ready to the next kill, in milliseconds. Kills that come faster than a death is noticed leave the
    /// cluster no time at all: everything waits until they stop, and then goes on.
    /// </summary>
    private static readonly int Apart = Figures.Setting("CLUSTER_APART_MS", 2500);
    private static readonly int AtOnce = Figures.Setting("CLUSTER_GOALS", 16);
    private static readonly int Seed = Figures.Setting("CLUSTER_SEED", 1);

    [Fact]
    public async Task Silos_killed_at_random_moments_lose_no_goal_and_make_no_ticket_twice()
    {
        var ct = TestContext.Current.CancellationToken;
        var random = new Random(Seed);
        await using var world = await World.Start(delay: TimeSpan.FromMilliseconds(Figures.Setting("CLUSTER_TICKET_MS", 500)));
        await world.StartSilos(3);
        var load = new Load(world, AtOnce, Seed);
        load.Start();
        await load.Reach(AtOnce);
        var kills = 0;
        while (kills < Kills && !Figures.TimeIsUp)
        {
            // The moment is the point of this test: it is drawn from the seed, not waited for.
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(500, Apart)), ct);
            var victim = world.Living.OrderBy(s => s.Name, StringComparer.Ordinal).ElementAt(random.Next(3));
            world.Forget(victim);
            world.Faults[victim.Address] = await victim.Kill();
            await world.StartSilo();
            if (++kills % 10 == 0) output.WriteLine($"{kills} kills, {load.Accepted.Count} goals acknowledged, {load.Stuck.Count} stuck");
        }

        await load.End();
        var judge = await Judge.Of(world, load);
        output.WriteLine($"{kills} kills under {AtOnce} goals at once: {judge}");
        output.WriteLine($"kill to the first append that took one of its goals over: {Figures.Spread(judge.FirstResumed)}");
        output.WriteLine($"the same, for each goal that moved: {Figures.Spread(judge.EachResumed)}");
        foreach (var (what, times) in load.Troubles.OrderByDescending(t => t.Value).Take(8)) output.WriteLine($"  asked again: {times} × {what}");
        judge.MustBeSound(load);
    }
}
