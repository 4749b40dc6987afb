using AgentMesh.Contracts;
using AgentMesh.Gateway.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AgentMesh.Gateway;

/// <summary><c>GET /v1/roles</c>, <c>/v1/tools</c> and <c>/v1/playbooks</c>, each sorted by name.</summary>
internal static class CatalogueEndpoints
{
    public static void Map(RouteGroupBuilder v1)
    {
        v1.MapGet("/roles", (MeshCatalogue all) => TypedResults.Json(Sorted(all.Roles), MeshJson.Default.IReadOnlyListRoleDescriptor)).ForCallers();
        v1.MapGet("/tools", (MeshCatalogue all) => TypedResults.Json(Sorted(all.Tools), MeshJson.Default.IReadOnlyListToolDescriptor)).ForCallers();
        v1.MapGet("/playbooks", (MeshCatalogue all) => TypedResults.Json(Sorted(all.Playbooks), MeshJson.Default.IReadOnlyListPlaybook)).ForCallers();
    }

    private static IReadOnlyList<T> Sorted<T>(IReadOnlyDictionary<string, T> items) => [.. items.OrderBy(i => i.Key, StringComparer.Ordinal).Select(i => i.Value)];
}
