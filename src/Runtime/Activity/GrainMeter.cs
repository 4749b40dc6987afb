namespace AgentMesh.Runtime.Activity;

/// <summary>
/// Counts the calls of one grain type. Recording takes no lock and allocates nothing, but for the first call of each ten seconds. Takes
/// <see cref="Bytes"/> of memory, however many calls there are.
/// </summary>
public sealed class GrainMeter
{
    private const int Ring = BucketClock.Kept + 1;

    /// <summary>Memory of one meter: an hour of histograms and a lifetime's.</summary>
    public const int Bytes = (Ring * ((LatencyScale.Cells + 1) * sizeof(int) + sizeof(long))) + ((LatencyScale.Cells + 1) * sizeof(long));

    private const int Width = LatencyScale.Cells + 1;
    private const int Errors = LatencyScale.Cells;

    private readonly BucketClock clock;
    private readonly Lock turning = new();
    private readonly long[] tags = new long[Ring];
    private readonly int[] cells = new int[Ring * Width];
    private readonly long[] retired = new long[Width];
    private int activations;
    private int inFlight;

    internal GrainMeter(string type, BucketClock clock)
    {
        (Type, this.clock) = (type, clock);
        Array.Fill(tags, -1);
    }

    public string Type { get; }

    public int Activations => Volatile.Read(ref activations);

    /// <summary>Calls that wait or run now.</summary>
    public int InFlight => Volatile.Read(ref inFlight);

    public void Activated() => Interlocked.Increment(ref activations);

    public void Deactivated() => Interlocked.Decrement(ref activations);

    /// <summary>A call begins. Hand what this returns to <see cref="End"/>.</summary>
    public long Begin()
    {
        Interlocked.Increment(ref inFlight);
        return clock.Timestamp();
    }

    public void End(long begun, bool failed = false)
    {
        Interlocked.Decrement(ref inFlight);
        var now = clock.Timestamp();
        var bucket = clock.Number(now);
        var slot = (int)(bucket % Ring);
        if (Volatile.Read(ref tags[slot]) < bucket) Turn(slot, bucket);
        Interlocked.Increment(ref cells[(slot * Width) + LatencyScale.Cell(clock.Microseconds(begun, now))]);
        if (failed) Interlocked.Increment(ref cells[(slot * Width) + Errors]);
    }

    /// <summary>Adds one bucket's counts to <paramref name="into"/>: the cells of <see cref="LatencyScale"/>, then the errors.</summary>
    /// <returns>Calls and errors of the bucket.</returns>
    internal (long Calls, long Errors) Read(long bucket, Span<long> into)
    {
        var slot = (int)(bucket % Ring);
        if (bucket < 0 || Volatile.Read(ref tags[slot]) != bucket) return (0, 0);
        var calls = 0L;
        var counts = cells.AsSpan(slot * Width, Width);
        for (var i = 0; i < Width; i++)
        {
            into[i] += counts[i];
            if (i < Errors) calls += counts[i];
        }

        return (calls, counts[Errors]);
    }

    /// <summary>Everything since the process began, in the same order.</summary>
    internal long[] Lifetime()
    {
        lock (turning)
        {
            var all = (long[])retired.Clone();
            for (var i = 0; i < cells.Length; i++) all[i % Width] += Volatile.Read(ref cells[i]);
            return all;
        }
    }

    internal static int Size => Width;

    private void Turn(int slot, long bucket)
    {
        lock (turning)
        {
            if (tags[slot] >= bucket) return;
            for (var i = 0; i < Width; i++) retired[i] += Interlocked.Exchange(ref cells[(slot * Width) + i], 0);
            Volatile.Write(ref tags[slot], bucket);
        }
    }
}
