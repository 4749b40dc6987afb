namespace AgentMesh.Inference.Serving;

/// <summary>
/// Who is next. Between tenants: the one that was served the fewest tokens for its weight. Within a tenant: priority, then arrival, where a higher
/// priority is a head start in time and not a right of way, so that nothing waits forever. Not thread-safe; knows no clock.
/// </summary>
/// <remarks>
/// A tenant is charged an upper estimate when its request starts and corrected when the true cost is known. One that was away comes back at the level
/// of those being served (<see cref="_floor"/>): idle time is no credit. Two tenants that both have requests waiting never differ, in tokens per weight,
/// by more than the largest charge times the requests in flight and one.
/// </remarks>
internal sealed class FairQueue(Func<string, double> weight)
{
    /// <summary>Beyond it, tenants with nothing here are forgotten.</summary>
    private const int MaxTenants = 1024;

    private readonly Dictionary<string, Lane> _lanes = new(StringComparer.Ordinal);
    private double _floor;

    public int Count { get; private set; }

    /// <summary>Tenants that have been here since last nobody was.</summary>
    public int Tenants => _lanes.Count;

    public int Waiting(string tenant) => _lanes.TryGetValue(tenant, out var lane) ? lane.Waiting.Count : 0;

    public int Running(string tenant) => _lanes.TryGetValue(tenant, out var lane) ? lane.Running : 0;

    public void Add(QueuedRequest request)
    {
        if (!_lanes.TryGetValue(request.Tenant, out var lane))
        {
            if (_lanes.Count >= MaxTenants) Forget();
            var share = weight(request.Tenant);
            _lanes[request.Tenant] = lane = new Lane(share > 0 && double.IsFinite(share) ? share : 1);
        }

        if (lane.Waiting.Count == 0) lane.Served = Math.Max(lane.Served, _floor);
        lane.Waiting.Add(request);
        Count++;
    }

    /// <param name="used">Tokens that it took before it was put back.</param>
    public bool Remove(QueuedRequest request, long used = 0)
    {
        if (!_lanes.TryGetValue(request.Tenant, out var lane) || !lane.Waiting.Remove(request)) return false;
        lane.Served += used / lane.Weight;
        Count--;
        return true;
    }

    /// <summary>Who is next; it goes on waiting. Null when none waits.</summary>
    /// <param name="most">Tenants with so many running are passed over.</param>
    public QueuedRequest? Peek(int most = int.MaxValue) => First(most).Request;

    /// <summary>Takes the next request out and charges its tenant. Null when none waits.</summary>
    /// <param name="most">Tenants with so many running are passed over.</param>
    public QueuedRequest? Next(int most = int.MaxValue)
    {
        if (First(most) is not ({ } best, { } next)) return null;
        best.Waiting.Remove(next);
        Count--;
        _floor = Math.Max(_floor, best.Served);
        best.Served += next.Cost / best.Weight;
        best.Running++;
        return next;
    }

    /// <summary>The request that <see cref="Next"/> gave out waits again. It is charged when it starts anew, and once: its end says what all of it took.</summary>
    public void PutBack(QueuedRequest request)
    {
        var lane = _lanes[request.Tenant];
        lane.Running--;
        // Not as a newcomer: the tenant was not away, so that there is no idle time to take from it.
        lane.Served -= request.Cost / lane.Weight;
        lane.Waiting.Add(request);
        Count++;
    }

    /// <summary>The request that <see cref="Next"/> gave out has ended. Call once.</summary>
    /// <param name="used">Tokens it took in truth.</param>
    public void Ended(QueuedRequest request, long used)
    {
        var lane = _lanes[request.Tenant];
        lane.Running--;
        lane.Served -= (request.Cost - used) / lane.Weight;
        if (Count > 0 || _lanes.Values.Any(l => l.Running > 0)) return;
        // Nobody waits and nobody is served: there is nothing left to be fair about.
        _lanes.Clear();
        _floor = 0;
    }

    /// <summary>
    /// Makes room in a full queue for a tenant that has fewer waiting than the one with the most: otherwise whoever fills the queue first shuts the others out.
    /// </summary>
    /// <returns>The request that has to go, already removed; null when the newcomer has to.</returns>
    public QueuedRequest? PushOut(string newcomer)
    {
        var longest = _lanes.Values.MaxBy(l => l.Waiting.Count);
        if (longest?.Waiting.Max is not { } last || longest.Waiting.Count <= Waiting(newcomer) + 1) return null;
        Remove(last);
        return last;
    }

    public IReadOnlyList<QueuedRequest> TakeAll()
    {
        List<QueuedRequest> all = [];
        foreach (var lane in _lanes.Values)
        {
            all.AddRange(lane.Waiting);
            lane.Waiting.Clear();
        }

        Count = 0;
        return all;
    }

    private (Lane? Lane, QueuedRequest? Request) First(int most)
    {
        Lane? best = null;
        QueuedRequest? next = null;
        foreach (var lane in _lanes.Values)
        {
            if (lane.Running >= most || lane.Waiting.Min is not { } first) continue;
            if (best is not null && (lane.Served > best.Served || (lane.Served == best.Served && first.CompareTo(next!) > 0))) continue;
            (best, next) = (lane, first);
        }

        return (best, next);
    }

    private void Forget()
    {
        foreach (var (tenant, lane) in _lanes.ToList())
            if (lane is { Waiting.Count: 0, Running: 0 }) _lanes.Remove(tenant);
    }

    private sealed class Lane(double weight)
    {
        public double Weight { get; } = weight;
        public double Served { get; set; }
        public int Running { get; set; }
        public SortedSet<QueuedRequest> Waiting { get; } = [];
    }
}

/// <param name="order">Lower goes first, within a tenant: the time of arrival less the priority's head start.</param>
/// <param name="number">Breaks ties; unique.</param>
/// <param name="cost">Upper estimate of its tokens.</param>
internal class QueuedRequest(string tenant, long order, long number, long cost) : IComparable<QueuedRequest>
{
    public string Tenant => tenant;

    public long Cost => cost;

    public long Order => order;

    private long Number { get; } = number;

    public int CompareTo(QueuedRequest? other) =>
        other is null ? 1 : Order != other.Order ? Order.CompareTo(other.Order) : Number.CompareTo(other.Number);
}
