using System.Diagnostics;
using AgentMesh.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMesh.Bench;

/// <summary>What a goal costs as an empty store fills. Run after the comparison, when the JIT is done.</summary>
internal static class Growth
{
    private const int Sample = 5_000;

    public static async Task Run(string home, int most)
    {
        await using var store = await PostgresStore.Open(new StorageOptions { Home = home }, TimeProvider.System, NullLoggerFactory.Instance);
        await using var load = new MeshLoad(store.Journal);
        var server = new ServerFacts(store.Embedded!);
        Console.WriteLine();
        Console.WriteLine("goals stored   goals/s    p50 ms   our CPU us/goal   server CPU us/goal");
        await load.Run(1_000, 64);
        var next = 0;
        while (load.Stored < most)
        {
            var stored = load.Stored;
            var (own, theirs) = (Process.GetCurrentProcess().TotalProcessorTime, server.CpuSeconds());
            var figures = await load.Run(Sample, 64);
            if (stored < next) continue;
            next = stored + 2 * Sample;
            var spent = Process.GetCurrentProcess().TotalProcessorTime - own;
            Console.WriteLine(
                $"{stored,12} {figures.GoalsPerSecond,9:0} {figures.P50,9:0.00} {spent.TotalMicroseconds / Sample,17:0} {(server.CpuSeconds() - theirs) * 1e6 / Sample,20:0}");
        }
    }
}
