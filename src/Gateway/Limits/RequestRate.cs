using System.Collections.Concurrent;
using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Security;

namespace AgentMesh.Gateway.Limits;

/// <summary>A token bucket for each key.</summary>
internal sealed class RequestRate(GatewayOptions options, TimeProvider time)
{
    private const int MostBuckets = 10_000;
    private readonly ConcurrentDictionary<string, Bucket> buckets = new(StringComparer.Ordinal);

    /// <exception cref="ProblemException">429: the key has sent too much; says when it may go on.</exception>
    public void Admit(Caller caller)
    {
        var (rate, burst) = (options.Limits.RequestsPerSecond, Math.Max(1, options.Limits.Burst));
        if (rate == 0 || !caller.Authenticated) return;
        // Whoever is forgotten starts anew with a full bucket; so many keys at once do no harm by that.
        if (buckets.Count >= MostBuckets) buckets.Clear();
        var now = time.GetUtcNow();
        var wait = buckets.GetOrAdd(caller.Account, static (_, start) => new Bucket(start.burst, start.now), (burst, now)).Take(rate, burst, now);
        if (wait > TimeSpan.Zero)
            throw new ProblemException(429, "rate-exceeded", $"This key sends more than {rate} requests a second. Wait as long as Retry-After says.") { RetryAfter = wait };
    }

    private sealed class Bucket(double full, DateTimeOffset start)
    {
        private readonly Lock gate = new();
        private double tokens = full;
        private DateTimeOffset at = start;

        /// <summary>Zero once a token was taken, else how long it takes for one to be there.</summary>
        public TimeSpan Take(double rate, double burst, DateTimeOffset now)
        {
            lock (gate)
            {
                tokens = Math.Min(burst, tokens + Math.Max(0, (now - at).TotalSeconds) * rate);
                at = now;
                if (tokens < 1) return TimeSpan.FromSeconds((1 - tokens) / rate);
                tokens--;
                return TimeSpan.Zero;
            }
        }
    }
}
