using AgentMesh.Contracts;

namespace AgentMesh.Simulation;

public sealed class SimulationTests(ITestOutputHelper output)
{
    private static readonly ulong? Seed = ulong.TryParse(Environment.GetEnvironmentVariable("SIM_SEED"), out var seed) ? seed : null;
    private static readonly int Schedules = int.TryParse(Environment.GetEnvironmentVariable("SIM_SCHEDULES"), out var count) ? count : 200_000;
    private static readonly ulong First = ulong.TryParse(Environment.GetEnvironmentVariable("SIM_FIRST"), out var first) ? first : 1;

    [Fact]
    public void Every_schedule_keeps_every_promise()
    {
        if (Seed is { } one)
        {
            var world = Simulator.Run(one, traced: true);
            output.WriteLine(string.Join(Environment.NewLine, world.Trace));
            Assert.True(world.Violation is null, world.Violation?.ToString());
            return;
        }

        var (violation, tally) = Simulator.RunMany(First, Schedules, Environment.ProcessorCount);
        output.WriteLine(tally.ToString());
        TestContext.Current.SendDiagnosticMessage(tally.ToString());
        Assert.True(violation is null, violation is null ? null : Simulator.Explain(violation));
        Assert.Equal(Schedules, tally.Schedules);
        if (Schedules < 1_000) return;

        // Schedules that do not get to everything that can happen would prove little.
        foreach (var kind in typeof(GoalEvent).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(GoalEvent))))
            Assert.True(tally.Events.ContainsKey(kind), $"No schedule came to {kind.Name}.");
        foreach (var end in new[] { "Completed", "Failed", "Cancelled" })
            Assert.True(tally.Ends.GetValueOrDefault(end) > tally.Schedules / 100, $"Hardly any schedule ended {end}.");
    }

    [Fact]
    public void A_seed_gives_the_same_schedule_every_time()
    {
        for (var seed = 1UL; seed <= 50; seed++)
        {
            var (one, other) = (Simulator.Run(seed, traced: true), Simulator.Run(seed, traced: true));
            Assert.Equal(one.Trace, other.Trace);
            Assert.NotEmpty(one.Trace);
        }
    }
}
