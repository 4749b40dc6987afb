using System.Text.Json;
using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AgentMesh.Gateway.Artifacts;

/// <summary>
/// <c>GET /v1/goals/{id}/artifacts</c>, one of them with its value, and its download: the file that was submitted, or the value as JSON.
/// </summary>
internal static class ArtifactEndpoints
{
    public static void Map(RouteGroupBuilder v1)
    {
        v1.MapGet("/goals/{id}/artifacts", List).ForCallers();
        v1.MapGet("/goals/{id}/artifacts/{artifact}", One).ForCallers();
        v1.MapGet("/goals/{id}/artifacts/{artifact}/raw", Raw).ForCallers();
    }

    private static async Task<IResult> List(string id, CallerMesh mesh, CancellationToken ct)
    {
        var view = await mesh.Get(Input.Goal(id), ct);
        return TypedResults.Json(
            new ArtifactListing([.. view.Artifacts.Select(a => new ArtifactEntry(a.Id, a.Kind, a.Trust, a.Origin, a.Content?.Bytes ?? Json(a.Value).Length, a.Raw))]),
            GatewayJson.Default.ArtifactListing);
    }

    private static async Task<IResult> One(string id, string artifact, CallerMesh mesh, IContentStore store, GatewayOptions options, CancellationToken ct)
    {
        var found = await Find(id, artifact, mesh, ct);
        return TypedResults.Json(await ArtifactValue.Shown(found, store, options.MaxShownBytes, ct), MeshJson.Default.Artifact);
    }

    private static async Task<IResult> Raw(HttpContext http, string id, string artifact, CallerMesh mesh, IContentStore store, CancellationToken ct)
    {
        var found = await Find(id, artifact, mesh, ct);
        var content = found.Raw ?? found.Content;
        var bytes = content is null ? Json(found.Value) : await store.Get(content, ct);
        var name = found.Raw is null ? $"{found.Id}.json" : found.Origin.Source ?? found.Id.Value;
        return Download.Of(http, bytes, name, content?.MediaType ?? "application/json");
    }

    private static async Task<Artifact> Find(string id, string artifact, CallerMesh mesh, CancellationToken ct)
    {
        var view = await mesh.Get(Input.Goal(id), ct);
        return view.Artifacts.FirstOrDefault(a => a.Id.Value == artifact)
            ?? throw new MeshException("artifact-not-found", "The goal has no such artifact. GET /v1/goals/{id}/artifacts lists what it has.");
    }

    private static byte[] Json(JsonElement? value) => value is { } one ? JsonSerializer.SerializeToUtf8Bytes(one, MeshJson.Default.JsonElement) : [];
}
