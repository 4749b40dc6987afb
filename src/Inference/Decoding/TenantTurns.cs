namespace AgentMesh.Inference.Decoding;

/// <summary>
/// Whose requests go on in a step, where each token takes the others' time. The tenant with the most requests pays for each of its tokens, and earns as many as
/// the best served of the others computed meanwhile (a deficit round robin, for weighted tenants), or fewer the more requests it has than they, down to a quarter.
/// So a crowd's prompts and answers slow another's few down less than as many of its equals would. Its oldest go on first: they end, and make room.
/// </summary>
/// <param name="rows">Whether neighbours are computed together: then a crowd's go on several at a time.</param>
internal sealed class TenantTurns(Func<string, double> weight, bool rows)
{
    /// <summary>The least that a crowd earns of what the best served of the others gets.</summary>
    private const double Least = 0.25;

    /// <summary>
    /// The most of a crowd's prompt in one step. All of the crowd's answers stand still until it has earned what it computed, which at the least is four steps for
    /// each token: many small debts instead of one large.
    /// </summary>
    private const int Chunk = 32;

    /// <summary>So many of a crowd go on together where neighbours are computed together: one alone takes as long as two or three.</summary>
    private const int Row = 4;

    private readonly Dictionary<string, Account> _accounts = new(StringComparer.Ordinal);

    /// <summary>Of the crowd, those whose beginning another tenant's request waits for.</summary>
    private readonly HashSet<RunningSequence> _awaited = [];
    private string? _crowd, _most;
    private double _balance;

    /// <summary>Whether it had the most requests in the last step, also with no others beside them just then.</summary>
    public bool IsCrowd(string tenant) => tenant == _most;

    /// <summary>Once a step, before anything is computed.</summary>
    /// <param name="running">In order of arrival in the batch.</param>
    /// <param name="shared">Whether other tenants come and go.</param>
    /// <returns>In the same order; never empty where one of them can go on.</returns>
    public IReadOnlyList<RunningSequence> Next(IReadOnlyList<RunningSequence> running, bool shared)
    {
        Count(running);
        var (first, second, crowd) = (0.0, 0.0, (string?)null);
        foreach (var (tenant, account) in _accounts)
        {
            if (account.Claim > first) (first, second, crowd) = (account.Claim, first, tenant);
            else second = Math.Max(second, account.Claim);
        }

        _most = shared && second < first ? crowd : null;
        foreach (var sequence in running) sequence.Crowd = Tenant(sequence) == _most;
        if (crowd is null || second == 0 || second == first)
        {
            _crowd = null;
            return running;
        }

        Earn(crowd, Math.Clamp(2 * second / first, Least, 1));
        // Another tenant's request must not wait for one that waits for its turn.
        foreach (var other in running)
            if (other.WaitsForLeader && other.Leader!.Value.Sequence is var leader && leader.Crowd && !other.Crowd) _awaited.Add(leader);
        var paying = Paying(running);
        return [.. running.Where(s => !s.Crowd || _awaited.Contains(s) || paying.Contains(s))];
    }

    /// <summary>Tokens of a request were computed.</summary>
    public void Computed(RunningSequence sequence, int tokens)
    {
        // What another tenant waits for is no debt of the crowd's: the other would have computed it, had it been the first.
        if (_awaited.Contains(sequence)) return;
        var tenant = Tenant(sequence);
        if (tenant == _crowd) _balance -= tokens;
        else if (_accounts.TryGetValue(tenant, out var account)) account.Computed += tokens;
    }

    private static string Tenant(RunningSequence sequence) => sequence.Generation.Request.Tenant;

    private void Count(IReadOnlyList<RunningSequence> running)
    {
        _awaited.Clear();
        foreach (var account in _accounts.Values) account.Requests = 0;
        foreach (var sequence in running)
        {
            sequence.Chunk = int.MaxValue;
            var tenant = Tenant(sequence);
            if (!_accounts.TryGetValue(tenant, out var account)) _accounts[tenant] = account = new Account(weight(tenant));
            if (!sequence.WaitsForLeader) account.Requests++;
        }

        foreach (var (tenant, account) in _accounts)
            if (account.Requests == 0) _accounts.Remove(tenant);
    }

    /// <summary>Of the crowd, who goes on for what it has earned.</summary>
    private HashSet<RunningSequence> Paying(IReadOnlyList<RunningSequence> running)
    {
        var crowd = running.Where(s => s.Crowd && !s.WaitsForLeader).ToList();
        HashSet<RunningSequence> paying = [];
        if (rows && _balance < Math.Min(Row, crowd.Count)) return paying;
        var left = _balance;
        foreach (var sequence in rows ? crowd.OrderBy(s => Math.Abs(s.Sequence - crowd[0].Sequence)) : crowd.AsEnumerable())
        {
            if (left <= 0) break;
            if (!sequence.Generates) sequence.Chunk = Chunk;
            left -= Math.Min(sequence.Pending, sequence.Chunk);
            paying.Add(sequence);
        }

        return paying;
    }

    private void Earn(string crowd, double part)
    {
        var best = 0.0;
        foreach (var account in _accounts.Values)
        {
            best = Math.Max(best, account.Computed / account.Weight);
            account.Computed = 0;
        }

        if (_crowd != crowd) (_crowd, _balance) = (crowd, 0);
        else _balance = Math.Min(_balance + (part * best * _accounts[crowd].Weight), _accounts[crowd].Requests);
    }

    private sealed class Account(double weight)
    {
        public double Weight { get; } = weight > 0 && double.IsFinite(weight) ? weight : 1;

        public int Requests { get; set; }

        /// <summary>Tokens since the crowd earned last.</summary>
        public int Computed { get; set; }

        public double Claim => Requests / Weight;
    }
}
