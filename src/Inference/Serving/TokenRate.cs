namespace AgentMesh.Inference.Serving;

/// <summary>Tokens per second over the last ten seconds, in buckets of a second. Not thread-safe.</summary>
internal sealed class TokenRate
{
    private const int Window = 10;

    private readonly double[] _buckets = new double[Window];
    private readonly long[] _seconds = new long[Window];

    /// <summary>Spreads tokens evenly over the time in which they were made: a whole answer reports all of them at its end.</summary>
    /// <param name="tokens">Negative to correct what was added too much.</param>
    public void Add(double tokens, DateTimeOffset from, DateTimeOffset to)
    {
        var (start, end) = (Seconds(from), Seconds(to));
        var last = (long)end;
        var length = end - start;
        for (var second = Math.Max((long)start, last - Window + 1); second <= last; second++)
        {
            var part = length <= 0 ? 1 : (Math.Min(end, second + 1) - Math.Max(start, second)) / length;
            var i = (int)(second % Window);
            if (_seconds[i] != second) (_seconds[i], _buckets[i]) = (second, 0);
            _buckets[i] += tokens * part;
        }
    }

    public double PerSecond(DateTimeOffset now)
    {
        var last = (long)Seconds(now);
        var sum = 0.0;
        for (var i = 0; i < Window; i++)
            if (_seconds[i] > last - Window && _seconds[i] <= last) sum += _buckets[i];
        return Math.Max(0, sum / Window);
    }

    private static double Seconds(DateTimeOffset moment) => moment.ToUnixTimeMilliseconds() / 1000.0;
}
