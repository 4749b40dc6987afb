using AgentMesh.Gateway.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AgentMesh.Gateway.OpenApi;

/// <summary><c>GET /openapi/v1.json</c>: the API's description.</summary>
internal static class OpenApiEndpoint
{
    private static readonly Lazy<byte[]> Document = new(static () => ApiDocument.Write(ApiOperations.All));

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/openapi/v1.json", (HttpContext http) =>
    {
        http.Response.Headers.CacheControl = "no-cache";
        return TypedResults.Bytes(Document.Value, "application/json");
    }).ForAnyone();
}
