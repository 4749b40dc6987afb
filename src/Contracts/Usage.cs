namespace AgentMesh.Contracts;

/// <summary>What goals spent, over time. Derived from the journal; a goal's part is as of its last change of status.</summary>
public interface IUsage
{
    /// <summary>By day and tenant, oldest day first, tenants by name. Days without goals are left out.</summary>
    Task<IReadOnlyList<UsageDay>> Read(UsageQuery query, CancellationToken ct = default);
}

/// <param name="From">The first day, in UTC.</param>
/// <param name="To">The last day, included.</param>
/// <param name="Tenant">Null for all.</param>
public sealed record UsageQuery(DateOnly From, DateOnly To, string? Tenant = null);

/// <summary>The goals that a tenant submitted on one day (UTC), and what they spent whenever they did.</summary>
/// <param name="Goals">All of them, those that have not ended included.</param>
/// <param name="Spent">By model, sorted by name; what tools took first.</param>
public sealed record UsageDay(DateOnly Day, string Tenant, int Goals, int Completed, int Failed, int Cancelled, IReadOnlyList<ModelUsage> Spent);

/// <param name="Model">Null for tool calls, and where the journal does not say which model it was.</param>
public sealed record ModelUsage(string? Model, Usage Usage);
