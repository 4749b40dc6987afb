using System.Collections.Concurrent;
using System.Diagnostics;
using AgentMesh.Grains.Streams;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Streams;

namespace AgentMesh.ClusterBench;

/// <summary>Takes items from either kind of stream.</summary>
[Alias("bench.probe")]
internal interface IProbeGrain : IGrainWithStringKey
{
    /// <summary>Subscribes to the memory stream of its key.</summary>
    [Alias("listen")]
    Task Listen();
}

/// <summary>Where the probes say what they took.</summary>
internal static class Taken
{
    private static readonly ConcurrentDictionary<int, TaskCompletionSource> Waiting = new();

    public static Task Wait(int item) => Waiting.GetOrAdd(item, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public static void Say(int item)
    {
        if (Waiting.TryRemove(item, out var waiting)) waiting.TrySetResult();
    }
}

/// <inheritdoc cref="IProbeGrain"/>
[GrainType(Type), Orleans.Concurrency.Reentrant]
internal sealed class ProbeGrain : Grain, IProbeGrain, IStreamConsumer<int>
{
    public const string Type = "bench-probe";

    public Task Receive(int item)
    {
        Taken.Say(item);
        return Task.CompletedTask;
    }

    public Task Listen() => this.GetStreamProvider(OneSilo.MemoryStreams).GetStream<int>(StreamId.Create(Type, this.GetPrimaryKeyString()))
        .SubscribeAsync((item, _) => Receive(item));
}

/// <summary>Our push streams beside Orleans' memory streams: the time from sending to the consumer, with one item at a time and with many.</summary>
internal static class Streams
{
    private const int Alone = 200, Senders = 64, Each = 200;
    private static int next;

    public static async Task Run(IServiceProvider services, int rounds)
    {
        var push = services.GetRequiredKeyedService<IStreamProvider>(PushStreamProvider.ProviderName);
        var memory = services.GetRequiredKeyedService<IStreamProvider>(OneSilo.MemoryStreams);
        var grains = services.GetRequiredService<IGrainFactory>();
        for (var n = 0; n < Senders; n++) await grains.GetGrain<IProbeGrain>($"{n}").Listen();
        var best = new Dictionary<string, (double P50, double P99, double PerSecond)>(StringComparer.Ordinal);
        // The first round is the warm-up.
        for (var round = 0; round <= rounds; round++)
            foreach (var (name, provider) in new[] { ("push", push), ("memory", memory) })
            {
                var (p50, p99) = await Latency(provider);
                var perSecond = await Throughput(provider);
                if (round == 0) continue;
                var known = best.GetValueOrDefault(name, (double.MaxValue, double.MaxValue, 0));
                best[name] = (Math.Min(known.Item1, p50), Math.Min(known.Item2, p99), Math.Max(known.Item3, perSecond));
            }

        foreach (var (name, f) in best) Console.WriteLine($"{name} streams: unloaded p50 {f.P50:0.000} ms, p99 {f.P99:0.000} ms; {Senders} senders {f.PerSecond:0} items/s");
    }

    private static async Task<(double P50, double P99)> Latency(IStreamProvider provider)
    {
        var milliseconds = new double[Alone];
        for (var i = 0; i < Alone; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await Send(provider, "0");
            milliseconds[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }

        Array.Sort(milliseconds);
        return (milliseconds[Alone / 2], milliseconds[(int)(Alone * 0.99)]);
    }

    // Each sender has its items under way together, as many goals do.
    private static async Task<double> Throughput(IStreamProvider provider)
    {
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(n => Task.Run(() => Task.WhenAll(Enumerable.Range(0, Each).Select(_ => Send(provider, $"{n}"))))));
        return Senders * Each / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task Send(IStreamProvider provider, string key)
    {
        var item = Interlocked.Increment(ref next);
        var taken = Taken.Wait(item);
        await provider.GetStream<int>(StreamId.Create(ProbeGrain.Type, key)).OnNextAsync(item);
        await taken;
    }
}
