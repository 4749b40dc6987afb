using AgentMesh.Contracts;
using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AgentMesh.Gateway;

/// <summary><c>GET /v1/usage</c>: goals, calls, tokens and cost by day, tenant and model.</summary>
internal static class UsageEndpoints
{
    private const int MostDays = 366;
    private const int UsualDays = 30;

    public static void Map(RouteGroupBuilder v1) => v1.MapGet("/usage", Report).ForCallers();

    private static async Task<IResult> Report(HttpContext http, Caller caller, IUsage usage, TimeProvider time, CancellationToken ct)
    {
        var to = Input.Day(http, "to", DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));
        var from = Input.Day(http, "from", to.DayNumber >= UsualDays ? to.AddDays(1 - UsualDays) : DateOnly.MinValue);
        if (from > to || to.DayNumber - from.DayNumber >= MostDays) throw ProblemException.Bad("query-invalid", $"from and to span 1 to {MostDays} days, from before to.");
        var days = await usage.Read(new UsageQuery(from, to, caller.ScopeOf(Input.NameQuery(http, "tenant"))), ct);
        var total = days.SelectMany(d => d.Spent).GroupBy(s => s.Model, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new ModelUsage(g.Key, g.Select(s => s.Usage).Aggregate(Usage.Add)));
        return TypedResults.Json(new UsageReport(from, to, [.. total], days), GatewayJson.Default.UsageReport);
    }
}
