namespace AgentMesh.Runtime.Activity;

/// <summary>One model on one device: slots, what runs, what waits, tokens. Model calls take milliseconds, so this may lock.</summary>
public sealed class InferenceMeter
{
    private const int Ring = BucketClock.Kept + 1;
    private readonly BucketClock clock;
    private readonly Lock gate = new();
    private readonly Slice[] ring = new Slice[Ring];
    private long last;

    internal InferenceMeter(string model, string device, int slots, BucketClock clock)
    {
        (Model, Device, Slots, this.clock) = (model, device, slots, clock);
        last = clock.Timestamp();
    }

    public string Model { get; }
    public string Device { get; }

    /// <summary>Requests that run at once at most.</summary>
    public int Slots { get; }

    public int Busy { get; private set; }
    public int Queued { get; private set; }

    /// <summary>Generated since the process began.</summary>
    public long Tokens { get; private set; }

    /// <summary>How many run and wait from now on.</summary>
    public void Is(int busy, int queued) => Change(() => (Busy, Queued) = (busy, queued));

    public void Generated(int tokens) => Change(() =>
    {
        Tokens += tokens;
        ring[(int)(clock.Number(last) % Ring)].Tokens += tokens;
    });

    /// <summary>Mean batch, tokens and queue at the end of a bucket.</summary>
    internal (double Batch, long Tokens, int Queue) Read(long bucket, double seconds)
    {
        lock (gate)
        {
            Advance();
            var slot = ring[(int)(Math.Max(0, bucket) % Ring)];
            return bucket < 0 || slot.Bucket != bucket || !slot.IsUsed ? (0, 0, 0) : (seconds > 0 ? slot.BusySeconds / seconds : 0, slot.Tokens, slot.Queue);
        }
    }

    private void Change(Action change)
    {
        lock (gate)
        {
            Advance();
            change();
            ring[(int)(clock.Number(last) % Ring)].Queue = Queued;
        }
    }

    // Brings what ran since the last change into its buckets; of a rest of more than an hour only the last hour is kept.
    private void Advance()
    {
        var now = Math.Max(last, clock.Timestamp());
        var bucket = clock.Number(now);
        var first = Math.Max(clock.Number(last), bucket - Ring + 1);
        for (var b = first; b <= bucket; b++)
        {
            ref var slot = ref ring[(int)(b % Ring)];
            if (!slot.IsUsed || slot.Bucket != b) slot = new Slice { Bucket = b, IsUsed = true, Queue = Queued };
            slot.BusySeconds += Busy * clock.Seconds(Math.Max(last, clock.Start(b)), Math.Min(now, clock.Start(b + 1)));
        }

        last = now;
    }

    private struct Slice
    {
        public long Bucket;
        public bool IsUsed;
        public double BusySeconds;
        public long Tokens;
        public int Queue;
    }
}
