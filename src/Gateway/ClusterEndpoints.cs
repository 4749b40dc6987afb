using AgentMesh.Contracts;
using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AgentMesh.Gateway;

/// <summary><c>/v1/cluster</c> and <c>/v1/activity</c>: the machines under the mesh.</summary>
internal static class ClusterEndpoints
{
    private const int Hour = 3600;

    public static void Map(RouteGroupBuilder v1)
    {
        v1.MapGet("/cluster", async (IOperations operations, CancellationToken ct) => TypedResults.Json(await operations.Status(ct), MeshJson.Default.ClusterView)).For(CallerRole.Operator);
        v1.MapGet("/activity", Activity).For(CallerRole.Operator);
        v1.MapPost("/cluster/silos/{name}/drain", Drain).For(CallerRole.Operator);
    }

    private static async Task<IResult> Activity(HttpContext http, IOperations operations, CancellationToken ct)
    {
        var window = TimeSpan.FromSeconds(Input.Number(http, "window", 60, 1, Hour));
        return TypedResults.Json(await operations.Activity(window, ct), MeshJson.Default.ActivityView);
    }

    /// <summary>202: it began. <c>GET /v1/cluster</c> shows how far it is.</summary>
    private static async Task<IResult> Drain(string name, IOperations operations, Caller caller, AuditTrail audit, CancellationToken ct)
    {
        if (!Input.IsName(name)) throw new MeshException("silo-not-found", "There is no such silo. GET /v1/cluster lists them.");
        await audit.Do(caller, "silo.drain", () => operations.Drain(name, ct), ct, detail: name);
        return TypedResults.Accepted("/v1/cluster");
    }
}
