namespace AgentMesh.ClusterCrash;

/// <summary>The database restarted with <c>-m immediate</c> again and again under load. <c>make cluster-crash</c> does it for 30 minutes.</summary>
public sealed class DatabaseTests(ITestOutputHelper output)
{
    private static readonly int Seconds = Figures.Setting("CLUSTER_DATABASE_SECONDS", 6);
    private static readonly int LongestPause = Figures.Setting("CLUSTER_DATABASE_PAUSE", 6);
    private static readonly int AtOnce = Figures.Setting("CLUSTER_GOALS", 16);
    private static readonly int Seed = Figures.Setting("CLUSTER_SEED", 1);

    [Fact]
    public async Task A_database_that_restarts_under_load_loses_nothing_and_the_goals_go_on()
    {
        var random = new Random(Seed);
        await using var world = await World.Start(delay: TimeSpan.FromMilliseconds(Figures.Setting("CLUSTER_TICKET_MS", 500)));
        await world.StartSilos(3);
        var load = new Load(world, AtOnce, Seed);
        load.Start();
        await load.Reach(AtOnce);
        var (away, back) = (new List<TimeSpan>(), new List<DateTime>());
        var since = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(since).TotalSeconds < Seconds)
        {
            await Task.Delay(TimeSpan.FromSeconds(5 + random.NextDouble() * (LongestPause - 5)), TestContext.Current.CancellationToken);
            var gone = TimeProvider.System.GetTimestamp();
            await world.Database.Crash("QUIT");
            await world.Database.Answers();
            away.Add(TimeProvider.System.GetElapsedTime(gone));
            back.Add(TimeProvider.System.GetUtcNow().UtcDateTime);
            if (back.Count % 10 == 0) output.WriteLine($"{back.Count} restarts, {load.Accepted.Count} goals acknowledged, {load.Stuck.Count} stuck, {world.Living.Count(s => s.HasExited)} silos ended");
        }

        await load.End();
        var judge = await Judge.Of(world, load);
        var resumed = back.Select(b => judge.Commits.Find(c => c > b) - b).Where(t => t > TimeSpan.Zero).ToList();
        output.WriteLine($"{back.Count} restarts in {TimeProvider.System.GetElapsedTime(since).TotalSeconds:0} s under {AtOnce} goals at once: {judge}");
        output.WriteLine($"away: {Figures.Spread(away)}; back to the next append: {Figures.Spread(resumed)}");
        foreach (var (what, times) in load.Troubles.OrderByDescending(t => t.Value).Take(8)) output.WriteLine($"  asked again: {times} × {what}");
        judge.MustBeSound(load);
        Assert.DoesNotContain(world.Living, s => s.HasExited);
    }
}
