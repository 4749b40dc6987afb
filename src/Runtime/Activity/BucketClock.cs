namespace AgentMesh.Runtime.Activity;

/// <summary>
/// Numbers stretches of ten seconds, aligned to the wall clock when it was made. It counts by the monotonic clock, so a wall clock that is set
/// back or forward neither repeats nor skips a bucket; only the times shown for them follow it.
/// </summary>
public sealed class BucketClock
{
    /// <summary>Length of a bucket.</summary>
    public static readonly TimeSpan Bucket = TimeSpan.FromSeconds(10);

    /// <summary>Buckets that are kept: an hour.</summary>
    public const int Kept = 360;

    private readonly TimeProvider time;
    private readonly long start;
    private readonly long perBucket;
    private readonly double microseconds;

    public BucketClock(TimeProvider time)
    {
        this.time = time;
        perBucket = time.TimestampFrequency * Bucket.Ticks / TimeSpan.TicksPerSecond;
        microseconds = 1_000_000.0 / time.TimestampFrequency;
        var into = time.GetUtcNow().UtcTicks % Bucket.Ticks;
        start = time.GetTimestamp() - (into * time.TimestampFrequency / TimeSpan.TicksPerSecond);
    }

    public long Timestamp() => time.GetTimestamp();

    /// <summary>The bucket of a timestamp: 0 for the one in which the clock was made.</summary>
    public long Number(long timestamp) => Math.Max(0, (timestamp - start) / perBucket);

    public long Start(long bucket) => start + (bucket * perBucket);

    public long Microseconds(long from, long to) => (long)((to - from) * microseconds);

    public double Seconds(long from, long to) => (to - from) / (double)time.TimestampFrequency;

    /// <summary>How long until the bucket of this timestamp ends.</summary>
    public TimeSpan Left(long timestamp) => TimeSpan.FromTicks(Math.Max(1, (Start(Number(timestamp) + 1) - timestamp) * TimeSpan.TicksPerSecond / time.TimestampFrequency));

    /// <summary>When a bucket began by today's wall clock, on a whole multiple of ten seconds.</summary>
    public DateTimeOffset From(long bucket, long now)
    {
        var began = time.GetUtcNow().UtcTicks - (long)(Seconds(Start(bucket), now) * TimeSpan.TicksPerSecond);
        return new DateTimeOffset((began + (Bucket.Ticks / 2)) / Bucket.Ticks * Bucket.Ticks, TimeSpan.Zero);
    }
}
