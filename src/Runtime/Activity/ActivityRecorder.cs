using System.Collections.Concurrent;
using AgentMesh.Contracts;

namespace AgentMesh.Runtime.Activity;

/// <summary>
/// What one silo did: buckets of ten seconds, kept for an hour, in memory that does not grow with load: <see cref="GrainMeter.Bytes"/> (0.68 MB)
/// for each grain type, of which there are at most <see cref="MostTypes"/>; further ones count as <c>other</c>. Safe for concurrent use.
/// </summary>
public sealed class ActivityRecorder : IDisposable
{
    public const int MostTypes = 32;

    private const int Ring = BucketClock.Kept + 1;
    private readonly string silo;
    private readonly Func<long> memory;
    private readonly Func<int> goals;
    private readonly BucketClock clock;
    private readonly ConcurrentDictionary<string, GrainMeter> grains = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Model, string Device), InferenceMeter> inference = new();
    private readonly Lock gate = new();
    private readonly (long Bucket, long Memory, int Queue)[] samples = new (long, long, int)[Ring];
    private readonly ITimer timer;

    /// <param name="memory">The process's working set in bytes.</param>
    /// <param name="goals">Goals that move here now.</param>
    public ActivityRecorder(string silo, TimeProvider time, Func<long> memory, Func<int> goals)
    {
        (this.silo, this.memory, this.goals, clock) = (silo, memory, goals, new BucketClock(time));
        Array.Fill(samples, (-1, 0, 0));
        // A little before each edge, so that a bucket's sample is taken in it and near its end.
        timer = time.CreateTimer(_ => Sample(), null, clock.Left(clock.Timestamp()) - TimeSpan.FromMilliseconds(100) is { Ticks: > 0 } due ? due : TimeSpan.Zero, BucketClock.Bucket);
        Sample();
    }

    public int GoalsMoving => goals();
    public long MemoryBytes => memory();
    public IEnumerable<GrainMeter> Grains => grains.Values.OrderBy(g => g.Type, StringComparer.Ordinal);
    public IEnumerable<InferenceMeter> Inference => inference.Values.OrderBy(i => i.Model, StringComparer.Ordinal).ThenBy(i => i.Device, StringComparer.Ordinal);

    /// <summary>The meter of a grain type; keep it rather than ask for every call.</summary>
    public GrainMeter Grain(string type)
    {
        if (grains.TryGetValue(type, out var known)) return known;
        lock (gate) return grains.GetOrAdd(grains.Count < MostTypes - 1 ? type : "other", static (t, clock) => new GrainMeter(t, clock), clock);
    }

    public InferenceMeter Device(string model, string device, int slots) =>
        inference.GetOrAdd((model, device), static (key, x) => new InferenceMeter(key.Model, key.Device, x.slots, x.clock), (slots, clock));

    /// <summary>What was done in the buckets of a window that ends now; the last one is still filling.</summary>
    /// <param name="window">Rounded up to whole buckets; an hour at most.</param>
    /// <returns>A view of this silo alone; <see cref="ActivityMerge"/> brings those of several together.</returns>
    public ActivityView Snapshot(TimeSpan window)
    {
        Sample();
        var count = (int)Math.Clamp(Math.Ceiling(window / BucketClock.Bucket), 1, BucketClock.Kept);
        var now = clock.Timestamp();
        var last = clock.Number(now);
        var first = last - count + 1;
        var seconds = clock.Seconds(clock.Start(first), now);
        var (bytes, queue) = Samples(first, count);
        return new ActivityView(clock.From(first, now), BucketClock.Bucket,
        [
            new SiloActivity(silo, [.. Grains.Select(g => Of(g, first, count, seconds))], [.. Inference.Select(i => Of(i, first, count, now))], bytes, queue),
        ]);
    }

    public void Dispose() => timer.Dispose();

    private static GrainActivity Of(GrainMeter meter, long first, int count, double seconds)
    {
        var all = new long[GrainMeter.Size];
        var (calls, errors) = (new long[count], new long[count]);
        for (var i = 0; i < count; i++) (calls[i], errors[i]) = meter.Read(first + i, all);
        var cells = all.AsSpan(0, LatencyScale.Cells);
        var total = calls.Sum();
        return new GrainActivity(
            meter.Type, meter.Activations, total, errors.Sum(), seconds > 0 ? total / seconds : 0, LatencyScale.Quantile(cells, 0.5), LatencyScale.Quantile(cells, 0.99), calls, errors);
    }

    private InferenceActivity Of(InferenceMeter meter, long first, int count, long now)
    {
        var (batch, tokens, queue) = (new double[count], new double[count], new int[count]);
        for (var i = 0; i < count; i++)
        {
            var seconds = clock.Seconds(clock.Start(first + i), Math.Min(now, clock.Start(first + i + 1)));
            var (mean, generated, waiting) = meter.Read(first + i, seconds);
            (batch[i], tokens[i], queue[i]) = (mean, seconds > 0 ? generated / seconds : 0, waiting);
        }

        return new InferenceActivity(meter.Model, meter.Device, meter.Slots, batch, tokens, queue);
    }

    private void Sample()
    {
        var bucket = clock.Number(clock.Timestamp());
        var sample = (bucket, memory(), grains.Values.Sum(g => g.InFlight));
        lock (gate)
        {
            if (samples[bucket % Ring].Bucket <= bucket) samples[bucket % Ring] = sample;
        }
    }

    // A bucket without a sample (the timer came late) shows the one before it.
    private (long[] Memory, int[] Queue) Samples(long first, int count)
    {
        var (bytes, queue) = (new long[count], new int[count]);
        lock (gate)
        {
            for (var i = 0; i < count; i++)
            {
                var bucket = first + i;
                if (bucket >= 0 && samples[bucket % Ring] is var sample && sample.Bucket == bucket) (bytes[i], queue[i]) = (sample.Memory, sample.Queue);
                else if (i > 0) (bytes[i], queue[i]) = (bytes[i - 1], queue[i - 1]);
            }
        }

        return (bytes, queue);
    }
}
