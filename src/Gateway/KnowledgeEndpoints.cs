using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Limits;
using AgentMesh.Gateway.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AgentMesh.Gateway;

/// <summary><c>/v1/knowledge</c>: add, list and search what agents may look up.</summary>
internal static class KnowledgeEndpoints
{
    private const int LongestQuery = 2_000;
    private const int MostPassages = 100;

    public static void Map(RouteGroupBuilder v1)
    {
        v1.MapPost("/knowledge", Add).For(CallerRole.Submitter).Idempotent();
        v1.MapGet("/knowledge", List).ForCallers();
        v1.MapGet("/knowledge/search", Search).ForCallers();
    }

    private static async Task<IResult> Add(HttpContext http, Caller caller, IKnowledge knowledge, GatewayOptions options, CancellationToken ct)
    {
        var body = await Body.Read(http, RequestJson.Default.KnowledgeRequest, options.MaxDocumentBytes, ct);
        var document = new KnowledgeDocument(
            caller.TenantOr(body.Tenant), Input.Name(body.Collection, "collection"), Input.Name(body.Name, "name"), Input.Text(body.Text, "text", options.MaxDocumentBytes));
        await knowledge.Add(document, ct);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> List(HttpContext http, Caller caller, IKnowledge knowledge, CancellationToken ct) => TypedResults.Json(
        await knowledge.List(caller.TenantOr(Input.NameQuery(http, "tenant")), Input.NameQuery(http, "collection"), ct), GatewayJson.Default.IReadOnlyListKnowledgeEntry);

    private static async Task<IResult> Search(HttpContext http, Caller caller, IKnowledge knowledge, CancellationToken ct)
    {
        if (Input.Query(http, "q") is not { Length: > 0 and <= LongestQuery } query || query.Any(c => c == '\0' || char.IsSurrogate(c)))
            throw ProblemException.Bad("query-invalid", $"q holds the words to look for: 1 to {LongestQuery} characters.");
        IReadOnlyList<string> within = Input.NameQuery(http, "collection") is { } one ? [one] : [];
        var limit = (int)Input.Number(http, "limit", 5, 1, MostPassages);
        return TypedResults.Json(
            await knowledge.Search(caller.TenantOr(Input.NameQuery(http, "tenant")), within, query, limit, ct), GatewayJson.Default.IReadOnlyListPassage);
    }
}
