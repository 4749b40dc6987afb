using System.Diagnostics;
using AgentMesh.GrainInterfaces;

namespace AgentMesh.ClusterBench;

/// <summary>A typed direct call beside the call of a bare grain in a bare silo with the same payload and the same plain class behind it, in turns.</summary>
internal static class Calls
{
    private const int Callers = 32, Each = 2_000;

    public static async Task Run(IGrainFactory grains, IGrainFactory bareSilo, int rounds)
    {
        var request = new ClassifyRequest("Invoice 4711 was charged twice.");
        var (ours, bare) = (double.MaxValue, double.MaxValue);
        // The first round is the warm-up.
        for (var round = 0; round <= rounds; round++)
        {
            var a = await Microseconds(n => bareSilo.GetGrain<IBareClassifierGrain>($"bare/{n}").Classify(request));
            var b = await Microseconds(n => grains.GetGrain<IClassifierGrain>($"ours/{n}").Classify(request));
            if (round > 0) (bare, ours) = (Math.Min(bare, a), Math.Min(ours, b));
        }

        Console.WriteLine($"direct call, {Callers} callers: Classify {ours:0.00} us, bare grain {bare:0.00} us: {ours / bare:0.00} x");
    }

    private static async Task<double> Microseconds(Func<int, Task> call)
    {
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(n => Task.Run(async () =>
        {
            for (var i = 0; i < Each; i++) await call(n);
        })));
        return Stopwatch.GetElapsedTime(started).TotalMicroseconds / (Callers * Each);
    }
}
