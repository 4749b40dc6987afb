using System.Diagnostics;

namespace AgentMesh.Simulation;

/// <summary>Runs schedules by the thousand and tells of the first that breaks a promise.</summary>
internal static class Simulator
{
    /// <summary>Runs one seed on a thread of its own world.</summary>
    public static SimWorld Run(ulong seed, Mutation mutation = Mutation.None, bool traced = false)
    {
        var world = new SimWorld(seed, mutation, traced);
        try
        {
            world.Run();
        }
        catch (Exception e)
        {
            world.Violate(Check.NoDefect, e.ToString());
        }

        return world;
    }

    /// <summary>Runs seeds <paramref name="first"/>… on as many threads as there are cores, and stops at a violation.</summary>
    public static (Violation? Violation, Tally Tally) RunMany(ulong first, int count, int threads, Mutation mutation = Mutation.None)
    {
        var clock = Stopwatch.StartNew();
        var tallies = new Tally[threads];
        var found = default(Violation);
        var workers = new Thread[threads];
        for (var t = 0; t < threads; t++)
        {
            var number = t;
            workers[t] = new Thread(() =>
            {
                var tally = new Tally();
                for (var i = number; i < count && Volatile.Read(ref found) is null; i += threads)
                {
                    var world = Run(first + (ulong)i, mutation);
                    tally.Count(world);
                    if (world.Violation is { } violation) Interlocked.CompareExchange(ref found, violation, null);
                }

                tallies[number] = tally;
            });
            workers[t].Start();
        }

        foreach (var worker in workers) worker.Join();
        var sum = new Tally { Time = clock.Elapsed };
        foreach (var tally in tallies) sum.Add(tally);
        return (found, sum);
    }

    /// <summary>The violation with the trace of its schedule, which is run again for it.</summary>
    public static string Explain(Violation violation, Mutation mutation = Mutation.None)
    {
        var again = Run(violation.Seed, mutation, traced: true);
        return $"""
            Seed {violation.Seed} breaks {violation.Check}: {violation.Message}
            Run it alone: SIM_SEED={violation.Seed} dotnet run --project tests/Simulation
            {string.Join(Environment.NewLine, again.Trace.TakeLast(120))}
            """;
    }
}

/// <summary>How much the schedules covered.</summary>
internal sealed class Tally
{
    public int Schedules { get; private set; }
    public long Entries { get; private set; }
    public long Crashes { get; private set; }
    public Dictionary<string, int> Ends { get; } = new(StringComparer.Ordinal);
    public Dictionary<Type, int> Events { get; } = [];
    public TimeSpan Time { get; init; }

    public void Count(SimWorld world)
    {
        Schedules++;
        Entries += world.Journal.Entries.Count;
        Crashes += world.Crashes;
        var end = world.Checks.Truth?.Status.ToString() ?? "none";
        Ends[end] = Ends.GetValueOrDefault(end) + 1;
        foreach (var entry in world.Journal.Entries) Events[entry.Event.GetType()] = Events.GetValueOrDefault(entry.Event.GetType()) + 1;
    }

    public void Add(Tally other)
    {
        Schedules += other.Schedules;
        Entries += other.Entries;
        Crashes += other.Crashes;
        foreach (var (end, count) in other.Ends) Ends[end] = Ends.GetValueOrDefault(end) + count;
        foreach (var (type, count) in other.Events) Events[type] = Events.GetValueOrDefault(type) + count;
    }

    public override string ToString() =>
        $"{Schedules} schedules in {Time.TotalSeconds:0.0} s ({Schedules / Math.Max(0.001, Time.TotalSeconds):0}/s), {Entries} entries, {Crashes} crashes, "
        + string.Join(", ", Ends.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{e.Value} {e.Key}"))
        + "; " + string.Join(", ", Events.OrderBy(e => e.Key.Name, StringComparer.Ordinal).Select(e => $"{e.Value} {e.Key.Name}"));
}
