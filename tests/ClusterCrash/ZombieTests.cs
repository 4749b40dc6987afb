using System.Collections.Concurrent;

namespace AgentMesh.ClusterCrash;

/// <summary>Silos that the others gave up and that come back, believing that nothing happened: frozen (SIGSTOP), or cut off from the network.</summary>
public sealed class ZombieTests(ITestOutputHelper output)
{
    private static readonly int Freezes = Figures.Setting("CLUSTER_FREEZES", 0);
    private static readonly int FrozenSeconds = Figures.Setting("CLUSTER_FROZEN_SECONDS", 12);
    private static readonly int Splits = Figures.Setting("CLUSTER_SPLITS", 0);
    private static readonly int SplitSeconds = Figures.Setting("CLUSTER_SPLIT_SECONDS", 12);
    private static readonly int AtOnce = Figures.Setting("CLUSTER_GOALS", 16);
    private static readonly int TicketMs = Figures.Setting("CLUSTER_TICKET_MS", 500);
    private static readonly int Seed = Figures.Setting("CLUSTER_SEED", 1);

    /// <summary>A retired silo has this long to notice and end, once it runs or can be reached again.</summary>
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(60);

    private const string TooLong = "A silo must be away for longer than a quick test may take: run `make cluster-crash`.";
    private const string LivedOn = "lived on";

    private readonly ConcurrentBag<string> ends = [];
    private readonly ConcurrentBag<TimeSpan> noticed = [];
    private readonly ConcurrentDictionary<string, DateTime> livedOn = new(StringComparer.Ordinal);

    [Fact]
    public async Task A_frozen_silo_that_wakes_writes_nothing_and_ends()
    {
        Assert.SkipWhen(Freezes == 0, TooLong);
        var random = new Random(Seed);
        // Those that stay outnumber the votes that declare a silo dead; the rest are frozen side by side.
        var together = Math.Min(5, Freezes);
        await using var world = await World.Start(delay: TimeSpan.FromMilliseconds(TicketMs));
        await world.StartSilos(2 + together);
        var load = new Load(world, AtOnce, Seed);
        load.Start();
        await load.Reach(AtOnce);
        var done = 0;
        for (; done < Freezes && !Figures.TimeIsUp; done += together)
        {
            var victims = world.Living.OrderBy(s => s.Name, StringComparer.Ordinal).ToArray();
            random.Shuffle(victims);
            await Task.WhenAll(victims.Take(Math.Min(together, Freezes - done)).Select(async victim =>
            {
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(50, 2000)));
                world.Forget(victim);
                world.Faults[victim.Address] = TimeProvider.System.GetUtcNow();
                // One that the others declared dead before its turn has ended: it is judged like the rest.
                if (await victim.Freeze())
                {
                    await Task.Delay(TimeSpan.FromSeconds(FrozenSeconds));
                    await victim.Thaw();
                }

                await Ends(victim, since: TimeProvider.System.GetTimestamp());
                await world.StartSilo();
            }));
            output.WriteLine($"{done + together} freezes, {load.Accepted.Count} goals acknowledged, {load.Stuck.Count} stuck, ends: {string.Join(", ", ends.GroupBy(e => e, StringComparer.Ordinal).Select(e => $"{e.Count()} × {e.Key}"))}");
        }

        await Check(world, load, $"{Math.Min(done, Freezes)} freezes of {FrozenSeconds} s");
    }

    [Fact]
    public async Task A_silo_that_was_cut_off_writes_nothing_that_counts_and_ends()
    {
        var ct = TestContext.Current.CancellationToken;
        Assert.SkipWhen(Splits == 0, TooLong);
        if (await Network.Obstacle() is { } obstacle) Assert.Skip(obstacle);
        var random = new Random(Seed);
        await using var network = await Network.Make(3);
        await using var world = await World.Start(delay: TimeSpan.FromMilliseconds(TicketMs), network);
        var places = await Task.WhenAll(network.Places.Select(async p => (Silo: await world.StartSilo(p), Place: p)));
        await world.AddKnowledge();
        var load = new Load(world, AtOnce, Seed);
        load.Start();
        await load.Reach(AtOnce);
        var split = 0;
        for (; split < Splits && !Figures.TimeIsUp; split++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(50, 2000)), ct);
            // Every second time the database, the tickets and the clients stay in reach: the worst, since it can do harm.
            var all = split % 2 == 1;
            var at = random.Next(places.Length);
            var (victim, place) = places[at];
            if (all) world.Forget(victim);
            world.Faults[victim.Address] = TimeProvider.System.GetUtcNow();
            await place.Cut(all);
            await Task.Delay(TimeSpan.FromSeconds(SplitSeconds), ct);
            await place.Heal();
            await Ends(victim, since: TimeProvider.System.GetTimestamp());
            world.Forget(victim);
            places[at] = (await world.StartSilo(place), place);
            output.WriteLine($"{split + 1} splits, {load.Accepted.Count} goals acknowledged, {load.Stuck.Count} stuck");
        }

        await Check(world, load, $"{split} splits of {SplitSeconds} s, every second one from the database too");
    }

    private async Task Ends(Silo silo, long since)
    {
        using var patience = new CancellationTokenSource(EndPatience);
        try
        {
            await silo.End(patience.Token);
            noticed.Add(TimeProvider.System.GetElapsedTime(since));
            ends.Add($"exit {silo.ExitCode}: {(silo.Errors is [var only] ? only : $"{silo.Errors.Count} lines")}");
        }
        catch (OperationCanceledException)
        {
            // Nobody declared it dead, or it does not notice: the judge knows which.
            ends.Add(LivedOn);
            livedOn[silo.Address] = (await silo.Kill()).UtcDateTime;
        }
    }

    private async Task Check(World world, Load load, string what)
    {
        await load.End();
        var judge = await Judge.Of(world, load);
        output.WriteLine($"{what}: {judge}");
        output.WriteLine($"fault to the first append that took one of its goals over: {Figures.Spread(judge.FirstResumed)}; for each goal: {Figures.Spread(judge.EachResumed)}");
        output.WriteLine($"waking or healing to the end of the process: {Figures.Spread(noticed)}");
        foreach (var end in ends.GroupBy(e => e, StringComparer.Ordinal)) output.WriteLine($"  ended: {end.Count()} × {end.Key}");
        foreach (var (trouble, times) in load.Troubles.OrderByDescending(t => t.Value).Take(8)) output.WriteLine($"  asked again: {times} × {trouble}");
        judge.MustBeSound(load);
        Assert.DoesNotContain(ends, e => e != LivedOn && !e.StartsWith("exit 3: This silo is retired", StringComparison.Ordinal));
        Assert.DoesNotContain(livedOn, silo => judge.Retired.Any(w => w.Key.StartsWith(silo.Key + "@", StringComparison.Ordinal) && w.Value < silo.Value));
    }
}
