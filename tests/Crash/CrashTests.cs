using System.Globalization;

namespace AgentMesh.Crash;

/// <summary>Real processes, killed with -9. <c>make crash</c> runs the same with CRASH_KILLS=300 and CRASH_POINTS=all.</summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private static readonly int Kills = int.Parse(Environment.GetEnvironmentVariable("CRASH_KILLS") ?? "4", CultureInfo.InvariantCulture);
    private static readonly int Seed = int.Parse(Environment.GetEnvironmentVariable("CRASH_SEED") ?? "1", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Killed_at_random_moments_no_goal_is_lost_and_no_ticket_is_made_twice()
    {
        var random = new Random(Seed);
        await using var world = await World.Start();
        for (var kill = 0; kill < Kills; kill++)
        {
            var worker = await world.StartWorker("load", "--seed", (Seed + kill).ToString(CultureInfo.InvariantCulture));
            // The moment is the point of this test: it is drawn from the seed, not waited for.
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(20, 1200)), TestContext.Current.CancellationToken);
            await worker.Kill();
        }

        await Check(world, Kills);
    }

    [Theory]
    [InlineData("before")]
    [InlineData("during")]
    [InlineData("after")]
    public async Task Killed_at_every_append_of_a_goal_it_goes_on_as_if_nothing_had_been(string when)
    {
        await using var world = await World.Start();
        var points = 0;
        for (var at = 1; ; at += Stride)
        {
            var worker = await world.StartWorker("one", "--die-at", at.ToString(CultureInfo.InvariantCulture), "--die-when", when);
            if ((await worker.End(mayDie: true)).Contains("done")) break;
            points++;
            await (await world.StartWorker("drain")).End();
        }

        Assert.True(points > 0, "The worker never died.");
        await Check(world, points);
    }

    private static int Stride => Environment.GetEnvironmentVariable("CRASH_POINTS") == "all" ? 1 : 4;

    private async Task Check(World world, int kills)
    {
        await (await world.StartWorker("drain")).End();
        var goals = await world.Judge();
        var tickets = await world.TicketsByGoal();
        var lost = world.Accepted.Where(id => !goals.ContainsKey(id)).ToList();
        var unfinished = goals.Where(g => g.Value.Status != "Completed").Select(g => $"{g.Key} {g.Value.Status}").ToList();
        var wrong = goals.Keys.Where(id => tickets.GetValueOrDefault(id) != 1).Select(id => $"{id}: {tickets.GetValueOrDefault(id)}").ToList();
        var twice = goals.Sum(g => g.Value.AskedTwice);
        output.WriteLine(
            $"{kills} kills, {world.Accepted.Count} goals acknowledged, {goals.Count} in the journal; lost {lost.Count}, not completed {unfinished.Count}, "
            + $"without exactly one ticket {wrong.Count}, approvals asked twice {twice}");
        Assert.Empty(lost);
        Assert.Empty(unfinished);
        Assert.Empty(wrong);
        Assert.Equal(0, twice);
        Assert.Empty(tickets.Keys.Except(goals.Keys, StringComparer.Ordinal));
    }
}
