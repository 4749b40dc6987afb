using Microsoft.AspNetCore.Http;

namespace AgentMesh.Gateway.Http;

/// <summary>Every way in which an endpoint may fail ends here, as a problem.</summary>
internal sealed class ProblemFilter(Failures failures) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        try
        {
            return await next(context);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to hear of it.
            return Results.Empty;
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            return failures.Answer(http, e);
        }
    }
}
