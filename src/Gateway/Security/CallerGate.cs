using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Limits;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AgentMesh.Gateway.Security;

/// <summary>In front of every endpoint: who asks, and may they? What does not say for whom it is stays closed.</summary>
internal sealed class CallerGate(Authenticator authenticator, RequestRate rate, Failures failures)
{
    public async Task Invoke(HttpContext http, RequestDelegate next)
    {
        SecurityHeaders.Set(http);
        if (http.GetEndpoint() is not { } endpoint) await next(http);
        // Routing's own answer where a path is known, but not with this method: no route, so nobody's.
        else if (endpoint is not RouteEndpoint) await OtherMethod(http, endpoint);
        else if (await Refusal(http, endpoint) is { } refusal) await refusal.ExecuteAsync(http);
        else await next(http);
    }

    private static async Task OtherMethod(HttpContext http, Endpoint endpoint)
    {
        await (endpoint.RequestDelegate?.Invoke(http) ?? Task.CompletedTask);
        if (http.Response.StatusCode == 405)
            await Problems.Result(405, "method-unknown", $"{http.Request.Method} does nothing here; {http.Response.Headers.Allow} does.").ExecuteAsync(http);
    }

    private async ValueTask<IResult?> Refusal(HttpContext http, Endpoint endpoint)
    {
        if (endpoint.Metadata.GetMetadata<Access>() is not { } access) return Problems.Result(403, "route-closed", "This route does not say who may call it, so nobody may.");
        if (access.Roles is not { } roles) return null;
        try
        {
            var caller = await authenticator.Authenticate(http, http.RequestAborted);
            rate.Admit(caller);
            caller.Require(roles);
            http.Features.Set(caller);
            return null;
        }
        catch (Exception e)
        {
            return failures.Answer(http, e);
        }
    }
}
