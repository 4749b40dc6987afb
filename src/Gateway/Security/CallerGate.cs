using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Limits;
using Microsoft.AspNetCore.Http;

namespace AgentMesh.Gateway.Security;

/// <summary>In front of every endpoint: who asks, and may they? What does not say for whom it is stays closed.</summary>
internal sealed class CallerGate(Authenticator authenticator, RequestRate rate, Failures failures)
{
    public async Task Invoke(HttpContext http, RequestDelegate next)
    {
        SecurityHeaders.Set(http);
        if (http.GetEndpoint() is { } endpoint && await Refusal(http, endpoint) is { } refusal) await refusal.ExecuteAsync(http);
        else await next(http);
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
