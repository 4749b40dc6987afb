using System.Collections.Concurrent;
using AgentMesh.Contracts;
using AgentMesh.Gateway.Http;

namespace AgentMesh.Gateway.Limits;

/// <summary>What a tenant's goals of today may spend. Goals that run go on: each has its own budget.</summary>
internal sealed class TenantBudget(IUsage usage, GatewayOptions options, TimeProvider time)
{
    /// <summary>What the store said is believed so long.</summary>
    public static readonly TimeSpan Belief = TimeSpan.FromSeconds(5);
    private const int MostKnown = 10_000;
    private readonly ConcurrentDictionary<string, (long Tokens, DateTimeOffset At)> known = new(StringComparer.Ordinal);

    /// <exception cref="ProblemException">429: the tenant has spent what it may today.</exception>
    public async ValueTask Require(string tenant, CancellationToken ct)
    {
        if (options.Limits.TokensOf(tenant) is not (> 0 and var most)) return;
        var now = time.GetUtcNow();
        if (await Spent(tenant, now, ct) is var spent && spent < most) return;
        throw new ProblemException(429, "tenant-budget-spent", $"The goals that {tenant} submitted today spent {spent} tokens, and {most} is their limit. Submit again after midnight UTC, or have the limit raised (AGENTMESH_TENANT_TOKENS).")
        {
            RetryAfter = now.UtcDateTime.Date.AddDays(1) - now.UtcDateTime,
        };
    }

    private async ValueTask<long> Spent(string tenant, DateTimeOffset now, CancellationToken ct)
    {
        if (known.TryGetValue(tenant, out var last) && now - last.At < Belief && now.UtcDateTime.Date == last.At.UtcDateTime.Date) return last.Tokens;
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var tokens = (await usage.Read(new UsageQuery(today, today, tenant), ct)).SelectMany(d => d.Spent).Sum(s => s.Usage.Tokens);
        if (known.Count >= MostKnown) known.Clear();
        known[tenant] = (tokens, now);
        return tokens;
    }
}
