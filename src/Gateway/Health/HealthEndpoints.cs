using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AgentMesh.Gateway.Health;

/// <summary><c>GET /health/startup|ready|live</c>: 200 or 503, with each check's finding.</summary>
internal static class HealthEndpoints
{
    public static void Map(RouteGroupBuilder health)
    {
        foreach (var probe in Enum.GetValues<HealthProbe>())
            health.MapGet($"/{probe.ToString().ToLowerInvariant()}", (HttpContext http, IHealth checks, CancellationToken ct) => Answer(http, checks, probe, ct)).ForAnyone();
    }

    private static async Task<IResult> Answer(HttpContext http, IHealth checks, HealthProbe probe, CancellationToken ct)
    {
        var report = await checks.Check(probe, ct);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(report, GatewayJson.Default.HealthReport, statusCode: report.Healthy ? 200 : 503);
    }
}
