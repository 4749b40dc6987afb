namespace AgentMesh.Inference.Decoding;

/// <summary>
/// Whose requests go on in a step, where each one that does takes the others' time: of a tenant at most as many as of the one with the most besides it, for its
/// weight, and at least one. So many requests of one tenant slow another's few down as its equals would, and not as a crowd. Its oldest go on first: they end, and make room.
/// </summary>
internal static class TenantTurns
{
    /// <param name="running">In order of arrival in the batch.</param>
    public static IReadOnlyList<RunningSequence> Of(IReadOnlyList<RunningSequence> running, Func<string, double> weight)
    {
        var tenants = new Dictionary<string, Share>(StringComparer.Ordinal);
        foreach (var sequence in running)
        {
            var tenant = sequence.Generation.Request.Tenant;
            if (!tenants.TryGetValue(tenant, out var share)) tenants[tenant] = share = new Share(weight(tenant));
            share.Requests++;
        }

        if (tenants.Count < 2) return running;
        var (first, second) = (0.0, 0.0);
        foreach (var share in tenants.Values) (first, second) = share.Claim > first ? (share.Claim, first) : (first, Math.Max(second, share.Claim));
        foreach (var share in tenants.Values) share.Left = share.Claim == first ? share.Of(second) : share.Requests;
        return [.. running.Where(s => tenants[s.Generation.Request.Tenant].Left-- > 0)];
    }

    private sealed class Share(double weight)
    {
        private readonly double _weight = weight > 0 && double.IsFinite(weight) ? weight : 1;

        public int Requests { get; set; }

        public int Left { get; set; }

        public double Claim => Requests / _weight;

        public int Of(double claim) => Math.Max(1, (int)Math.Ceiling(claim * _weight));
    }
}
