using System.Diagnostics;
using AgentMesh.GrainInterfaces;

namespace AgentMesh.ClusterBench;

/// <summary>Agents that were spawned and have nothing to do: what they hold, and how soon one answers.</summary>
internal static class Idle
{
    private const int Callers = 64, Woken = 5_000;

    public static async Task Run(IGrainFactory grains, int agents)
    {
        await Spawn(grains, "warm", 2_000);
        var before = Heap();
        var started = Stopwatch.GetTimestamp();
        await Spawn(grains, "idle", agents);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var bytes = (Heap() - before) / agents;
        Console.WriteLine($"idle agents: {agents} spawned in {seconds:0.0} s ({agents / seconds:0}/s), {bytes} bytes of heap each");
        var wake = await Times(n => Work(grains, $"idle/{(int)(n * 7919L % agents)}"));
        var fresh = await Times(n => Work(grains, $"fresh/{n}"));
        Console.WriteLine($"  an idle one's answer: p50 {wake.P50:0.000} ms, p99 {wake.P99:0.000} ms; one that must be activated first: p50 {fresh.P50:0.000} ms, p99 {fresh.P99:0.000} ms");
    }

    private static Task Spawn(IGrainFactory grains, string prefix, int count) => Task.WhenAll(Enumerable.Range(0, Callers).Select(c => Task.Run(async () =>
    {
        for (var n = c; n < count; n += Callers) await Work(grains, $"{prefix}/{n}");
    })));

    private static Task Work(IGrainFactory grains, string key) => grains.GetGrain<IClassifierGrain>(key).Classify(new ClassifyRequest("Invoice 4711 was charged twice."));

    private static async Task<(double P50, double P99)> Times(Func<int, Task> call)
    {
        var milliseconds = new double[Woken];
        for (var n = 0; n < Woken; n++)
        {
            var started = Stopwatch.GetTimestamp();
            await call(n);
            milliseconds[n] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }

        Array.Sort(milliseconds);
        return (milliseconds[Woken / 2], milliseconds[(int)(Woken * 0.99)]);
    }

    private static long Heap()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
