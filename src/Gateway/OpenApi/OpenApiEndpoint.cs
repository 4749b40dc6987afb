using AgentMesh.Gateway.Security;
using AgentMesh.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace AgentMesh.Gateway.OpenApi;

/// <summary><c>GET /openapi/v1.json</c>: the API's description.</summary>
internal static class OpenApiEndpoint
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var hasWebhooks = app.ServiceProvider.GetService<IWebhookStore>() is not null;
        var document = new Lazy<byte[]>(() => ApiDocument.Write([.. ApiOperations.All.Where(o => hasWebhooks || o.Tag != ApiOperations.Webhooks)]));
        app.MapGet("/openapi/v1.json", (HttpContext http) =>
        {
            http.Response.Headers.CacheControl = "no-cache";
            return TypedResults.Bytes(document.Value, "application/json");
        }).ForAnyone();
    }
}
