using System.Diagnostics;

namespace AgentMesh.Bench;

/// <summary>What a goal costs as the store fills.</summary>
internal static class Growth
{
    public static async Task Run(MeshLoad load, ServerFacts server, int most)
    {
        Console.WriteLine();
        Console.WriteLine("goals stored   goals/s    p50 ms   our CPU us/goal   server CPU us/goal");
        const int sample = 5_000;
        while (load.Stored < most)
        {
            var (own, theirs) = (Process.GetCurrentProcess().TotalProcessorTime, server.CpuSeconds());
            var figures = await load.Run(sample, 64);
            var spent = Process.GetCurrentProcess().TotalProcessorTime - own;
            if (load.Stored / 10_000 != (load.Stored - sample) / 10_000)
            {
                Console.WriteLine(
                    $"{load.Stored,12} {figures.GoalsPerSecond,9:0} {figures.P50,9:0.00} {spent.TotalMicroseconds / sample,17:0} {(server.CpuSeconds() - theirs) * 1e6 / sample,20:0}");
            }
        }
    }
}
