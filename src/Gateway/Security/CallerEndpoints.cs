using AgentMesh.Contracts;
using AgentMesh.Gateway.Http;
using AgentMesh.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AgentMesh.Gateway.Security;

/// <summary><c>GET /v1/me</c>: who the server takes the caller for. <c>GET /v1/audit</c>: who did what.</summary>
internal static class CallerEndpoints
{
    private const int MostEntries = 1000;

    public static void Map(RouteGroupBuilder v1)
    {
        v1.MapGet("/me", (Caller caller) => TypedResults.Json(
            new CallerView(caller.Tenant, caller.Name, [.. caller.Roles.Order()], caller.Key, caller.Authenticated), GatewayJson.Default.CallerView)).ForCallers();
        v1.MapGet("/audit", Audit).For(CallerRole.Operator);
    }

    private static async Task<IResult> Audit(HttpContext http, IAuditLog log, CancellationToken ct)
    {
        var limit = (int)Input.Number(http, "limit", 50, 1, MostEntries);
        long? before = Input.Query(http, "before") is { } cursor ? Cursor.Decode(cursor) : null;
        var entries = await log.Read(new AuditQuery(Input.NameQuery(http, "tenant"), Input.NameQuery(http, "goal"), limit + 1, before), ct);
        // One more than asked for tells whether there is a next page.
        var listing = entries.Count <= limit ? new AuditListing(entries, null) : new AuditListing([.. entries.Take(limit)], Cursor.Encode(entries[limit - 1].Sequence));
        return TypedResults.Json(listing, GatewayJson.Default.AuditListing);
    }

    /// <summary>A place in the log, opaque to clients.</summary>
    private static class Cursor
    {
        public static string Encode(long sequence) => System.Buffers.Text.Base64Url.EncodeToString(BitConverter.GetBytes(sequence));

        public static long Decode(string text)
        {
            Span<byte> bytes = stackalloc byte[sizeof(long)];
            return System.Buffers.Text.Base64Url.IsValid(text, out var length) && length == sizeof(long) && System.Buffers.Text.Base64Url.TryDecodeFromChars(text, bytes, out _)
                ? BitConverter.ToInt64(bytes) : throw ProblemException.Bad("cursor-invalid", "before is the `next` of an earlier page, unchanged. Start again without it.");
        }
    }
}
