namespace AgentMesh.Bench;

/// <summary>All systems in turn at each load; each system's best round counts.</summary>
internal static class SideBySide
{
    private const string Ours = "AgentMesh";

    public static async Task Run(MeshLoad load, Rivals rivals, ServerFacts server, BenchOptions options)
    {
        foreach (var atOnce in options.AtOnce)
        {
            var best = new Dictionary<string, Figures>(StringComparer.Ordinal);
            for (var round = 0; round < options.Rounds; round++)
            {
                Keep(best, Ours, await Mesh(load, server, atOnce == 1 ? 1_000 : 10_000, atOnce));
                if (!rivals.Exist) continue;
                foreach (var (name, program, extra) in Rivals.Systems)
                    Keep(best, name, await rivals.Run(program, extra, Math.Max(atOnce * 2, atOnce == 1 ? 200 : 1_000), atOnce));
            }

            Console.WriteLine();
            Console.WriteLine($"{atOnce} at once, fsync {ServerFacts.FsyncMilliseconds(Path.GetTempPath()):0.00} ms       goals/s    p50 ms    p99 ms  bytes/goal   ours is");
            var ours = best[Ours];
            foreach (var (name, f) in best)
                Console.WriteLine($"  {name,-30} {f.GoalsPerSecond,10:0} {f.P50,9:0.00} {f.P99,9:0.00} {f.BytesPerGoal,11:0}   {(name == Ours ? "" : $"{ours.GoalsPerSecond / f.GoalsPerSecond:0.0} x the goals/s, {ours.P50 / f.P50:0.00} x the p50")}");
        }
    }

    private static void Keep(Dictionary<string, Figures> best, string name, Figures figures)
    {
        if (!best.TryGetValue(name, out var known) || known.GoalsPerSecond < figures.GoalsPerSecond) best[name] = figures;
    }

    private static async Task<Figures> Mesh(MeshLoad load, ServerFacts server, int goals, int atOnce)
    {
        var before = await server.Bytes();
        var figures = await load.Run(goals, atOnce);
        return figures with { BytesPerGoal = (double)(await server.Bytes() - before) / goals };
    }
}
