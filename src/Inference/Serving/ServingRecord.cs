namespace AgentMesh.Inference.Serving;

/// <summary>Adds up what a device did. Thread-safe.</summary>
internal sealed class ServingRecord(TimeProvider time)
{
    private const int MaxTenants = 1000;
    private const int Samples = 256;
    private const string Others = "(others)";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Sum> _tenants = new(StringComparer.Ordinal);
    private readonly long[] _outcomes = new long[Enum.GetValues<ServedOutcome>().Length];
    private readonly TimeSpan[] _first = new TimeSpan[Samples];
    private readonly TokenRate _rate = new();
    private long _firsts;

    /// <summary>One more token of a stream.</summary>
    public void Token()
    {
        var now = time.GetUtcNow();
        lock (_gate) _rate.Add(1, now, now);
    }

    /// <param name="counted">Of its output tokens, those that <see cref="Token"/> counted.</param>
    public void Add(ServedRequest request, long counted)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            _outcomes[(int)request.Outcome]++;
            if (request.FirstToken is { } first) _first[_firsts++ % Samples] = first;
            _rate.Add(request.OutputTokens - counted, now - (request.Took - request.Waited), now);
            var key = _tenants.Count < MaxTenants || _tenants.ContainsKey(request.Tenant) ? request.Tenant : Others;
            if (!_tenants.TryGetValue(key, out var sum)) _tenants[key] = sum = new Sum();
            sum.Requests++;
            sum.Input += request.InputTokens;
            sum.Output += request.OutputTokens;
        }
    }

    public ServerStats Stats(ModelServerOptions options, SlotScheduler slots, Agents.Models.ModelCapabilities capabilities)
    {
        var (busy, queued, draining) = slots.State;
        lock (_gate)
        {
            TimeSpan[] first = [.. _first.AsSpan(0, (int)Math.Min(_firsts, Samples))];
            Array.Sort(first);
            return new ServerStats(
                options.Device, options.Model, options.Slots, busy, queued, draining,
                Of(ServedOutcome.Answered), Of(ServedOutcome.Failed), Of(ServedOutcome.Refused), Of(ServedOutcome.Cancelled),
                _tenants.Values.Sum(t => t.Input), _tenants.Values.Sum(t => t.Output), _rate.PerSecond(time.GetUtcNow()),
                Percentile(first, 0.5), Percentile(first, 0.99), capabilities,
                [.. _tenants.Select(t => Tenant(t.Key, t.Value, slots)).OrderByDescending(t => t.OutputTokens).ThenBy(t => t.Tenant, StringComparer.Ordinal)]);
        }
    }

    private static TenantStats Tenant(string name, Sum sum, SlotScheduler slots)
    {
        var (running, waiting) = slots.Of(name);
        return new TenantStats(name, running, waiting, sum.Requests, sum.Input, sum.Output);
    }

    private long Of(ServedOutcome outcome) => _outcomes[(int)outcome];

    private static TimeSpan? Percentile(TimeSpan[] sorted, double p) => sorted.Length == 0 ? null : sorted[(int)Math.Ceiling(p * sorted.Length) - 1];

    private sealed class Sum
    {
        public long Requests { get; set; }
        public long Input { get; set; }
        public long Output { get; set; }
    }
}
