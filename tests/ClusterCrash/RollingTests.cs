namespace AgentMesh.ClusterCrash;

/// <summary>All silos stopped and started again one after another (SIGTERM), as an upgrade does. <c>make cluster-crash</c> does it under 500 goals.</summary>
public sealed class RollingTests(ITestOutputHelper output)
{
    private static readonly int Rounds = Figures.Setting("CLUSTER_ROUNDS", 1);
    private static readonly int AtOnce = Figures.Setting("CLUSTER_ROLLING_GOALS", 32);
    private static readonly int Seed = Figures.Setting("CLUSTER_SEED", 1);

    [Fact]
    public async Task A_rolling_restart_fails_no_goal_and_repeats_nothing()
    {
        await using var world = await World.Start(delay: TimeSpan.FromMilliseconds(Figures.Setting("CLUSTER_ROLLING_TICKET_MS", 500)));
        await world.StartSilos(3);
        var load = new Load(world, AtOnce, Seed) { Deciding = TimeSpan.FromSeconds(Figures.Setting("CLUSTER_DECIDING_SECONDS", 1)) };
        load.Start();
        await load.Reach(AtOnce);
        var (drains, codes) = (new List<TimeSpan>(), new List<int>());
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var silo in world.Living.OrderBy(s => s.Name, StringComparer.Ordinal))
            {
                world.Forget(silo);
                drains.Add(await silo.Stop());
                codes.Add(silo.ExitCode);
                await world.StartSilo();
                output.WriteLine($"{silo.Name} drained in {drains[^1].TotalSeconds:0.0} s with exit code {silo.ExitCode}; {load.Accepted.Count} goals acknowledged");
            }
        }

        await load.End();
        var judge = await Judge.Of(world, load);
        output.WriteLine($"{Rounds * 3} silos restarted under {AtOnce} goals at once: {judge}");
        output.WriteLine($"SIGTERM to the end of the process: {Figures.Spread(drains)}; exit codes {string.Join(", ", codes.Distinct())}");
        foreach (var (what, times) in load.Troubles.OrderByDescending(t => t.Value).Take(8)) output.WriteLine($"  asked again: {times} × {what}");
        judge.MustBeSound(load);
        Assert.All(codes, c => Assert.Equal(0, c));
        Assert.Equal(0, judge.FurtherAttempts);
        Assert.Equal(0, judge.RepeatedRequests);
    }
}
