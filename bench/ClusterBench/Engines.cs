using AgentMesh.Bench;
using AgentMesh.Contracts;
using AgentMesh.Runtime;

namespace AgentMesh.ClusterBench;

/// <summary>One silo's goals beside the single process's, on one journal, in turns.</summary>
internal static class Engines
{
    public static async Task Run(IJournal journal, IMesh cluster, BenchOptions options)
    {
        await using var local = new MeshLoad(journal);
        await using var silo = new MeshLoad(cluster);
        foreach (var load in new[] { local, silo }) await load.Run(options.WarmUp, 64);
        foreach (var atOnce in options.AtOnce)
        {
            var (ours, theirs) = (new Figures(0, 0, 0), new Figures(0, 0, 0));
            for (var round = 0; round < options.Rounds; round++)
            {
                theirs = Better(theirs, await local.Run(Goals(atOnce), atOnce));
                ours = Better(ours, await silo.Run(Goals(atOnce), atOnce));
            }

            Console.WriteLine(
                $"{atOnce} at once: one silo {ours.GoalsPerSecond:0} goals/s, p50 {ours.P50:0.00} ms, p99 {ours.P99:0.00}; Local {theirs.GoalsPerSecond:0}, p50 {theirs.P50:0.00}, p99 {theirs.P99:0.00}: {ours.GoalsPerSecond / theirs.GoalsPerSecond:0.00} x");
        }
    }

    private static int Goals(int atOnce) => atOnce == 1 ? 300 : 5_000;

    private static Figures Better(Figures a, Figures b) => a.GoalsPerSecond >= b.GoalsPerSecond ? a : b;
}
