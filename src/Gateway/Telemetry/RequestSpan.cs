using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace AgentMesh.Gateway.Telemetry;

/// <summary>Gives the span of a request its names: the route, never the path or the query with what a caller wrote there.</summary>
internal sealed class RequestSpan : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (http.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } span) Name(span, http);
        return next(context);
    }

    private static void Name(Activity span, HttpContext http)
    {
        var route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        span.DisplayName = $"{http.Request.Method} {route}";
        span.SetTag("http.request.method", http.Request.Method).SetTag("http.route", route).SetTag("url.scheme", http.Request.Scheme);
        if (route?.StartsWith("/v1/goals/", StringComparison.Ordinal) == true && http.Request.RouteValues.TryGetValue("id", out var goal)) span.SetTag("gen_ai.conversation.id", goal);
        http.Response.OnStarting(() =>
        {
            span.SetTag("http.response.status_code", http.Response.StatusCode);
            if (http.Response.StatusCode >= 500) span.SetStatus(ActivityStatusCode.Error);
            return Task.CompletedTask;
        });
    }
}

/// <summary>Keeps requests out of the traces that come by the second from who watches the host, not from who uses it.</summary>
internal sealed class UntracedRequest : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (context.HttpContext.Features.Get<IHttpActivityFeature>()?.Activity is { } span) span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        return next(context);
    }
}
