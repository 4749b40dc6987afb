using AgentMesh.Contracts;
using AgentMesh.Gateway.Security;
using AgentMesh.Runtime.Activity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace AgentMesh.Gateway.Telemetry;

/// <summary><c>/metrics</c> for Prometheus: goals, steps, calls, tokens, grains and inference of this process. Names no tenant's content.</summary>
public static class MetricsEndpoint
{
    /// <summary>Has the figures of this process counted from now on. The host registers its <see cref="ActivityRecorder"/>.</summary>
    public static IServiceCollection AddAgentMeshMetrics(this IServiceCollection services) =>
        services.AddSingleton(new MeterTotals(GoalTrace.Name, "AgentMesh.Inference"));

    public static IEndpointRouteBuilder MapAgentMeshMetrics(this IEndpointRouteBuilder app)
    {
        app.MapGet("/metrics", (ActivityRecorder activity, MeterTotals totals) => TypedResults.Text(PrometheusText.Write(activity, totals), PrometheusText.ContentType))
            .AddEndpointFilter<UntracedRequest>().ForAnyone();
        return app;
    }
}
