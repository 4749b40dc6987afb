using AgentMesh.Contracts;
using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Limits;
using AgentMesh.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AgentMesh.Gateway.Security;

/// <summary><c>/v1/keys</c>: who may call. A key is rotated by making a second one and revoking the first once nobody uses it.</summary>
internal static class KeyEndpoints
{
    public static void Map(RouteGroupBuilder v1)
    {
        v1.MapPost("/keys", Create).For(CallerRole.Admin).Idempotent();
        v1.MapGet("/keys", List).For(CallerRole.Admin);
        v1.MapDelete("/keys/{id}", Revoke).For(CallerRole.Admin);
    }

    /// <summary>201, with the secret: this once.</summary>
    private static async Task<IResult> Create(
        HttpContext http, Caller caller, IKeyStore keys, AuditTrail audit, GatewayOptions options, TimeProvider time, CancellationToken ct)
    {
        var body = await Body.Read(http, RequestJson.Default.KeyRequest, options.MaxBodyBytes, ct);
        var (key, text) = ApiKey.New();
        var now = time.GetUtcNow();
        var view = new KeyView(
            key.Id, caller.TenantOr(body.Tenant), Input.Name(body.Name, "name"), Roles(body.Roles), now, caller.Name,
            body.ExpiresAt is not { } end || end > now ? body.ExpiresAt?.ToUniversalTime() : throw ProblemException.Invalid("expiry-invalid", "expiresAt lies in the past. Leave it out, or give a time to come."));
        await audit.Do(
            caller, "key.create", () => keys.Add(new StoredKey(view, key.SecretHash), ct), ct, view.Tenant,
            detail: $"{view.Id} {view.Name}: {string.Join(", ", view.Roles.Select(r => r.ToString().ToLowerInvariant()))}");
        return TypedResults.Json(new KeyMade(view, text), GatewayJson.Default.KeyMade, statusCode: 201);
    }

    private static async Task<IResult> List(HttpContext http, IKeyStore keys, CancellationToken ct) =>
        TypedResults.Json(await keys.List(Input.NameQuery(http, "tenant"), ct), GatewayJson.Default.IReadOnlyListKeyView);

    /// <summary>204, also for one that was revoked before.</summary>
    private static async Task<IResult> Revoke(string id, Caller caller, IKeyStore keys, KeyRing ring, AuditTrail audit, TimeProvider time, CancellationToken ct)
    {
        if (!Input.IsName(id) || await keys.Find(id, ct) is not { Key: var key })
            throw new ProblemException(404, "key-not-found", "There is no such key. GET /v1/keys lists them; the one of AGENTMESH_ADMIN_KEY is ended by that setting.");
        await audit.Do(caller, "key.revoke", () => keys.Revoke(id, time.GetUtcNow(), ct), ct, key.Tenant, detail: $"{key.Id} {key.Name}");
        ring.Forget(id);
        return TypedResults.NoContent();
    }

    private static List<CallerRole> Roles(IReadOnlyList<CallerRole> roles) => roles.Count > 0 && roles.All(Enum.IsDefined)
        ? [.. roles.Distinct().Order()] : throw ProblemException.Invalid("roles-invalid", "roles lists one or more of submitter, approver, operator and admin.");
}
