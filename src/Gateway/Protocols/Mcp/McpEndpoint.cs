using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMesh.Contracts;
using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Protocols.JsonRpc;
using AgentMesh.Gateway.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AgentMesh.Gateway.Protocols.Mcp;

/// <summary>
/// <c>/mcp</c>: a Model Context Protocol server over streamable HTTP, without sessions: every request says all that it needs, so any silo answers it.
/// Calls that follow a goal are answered with events; all others with JSON.
/// </summary>
internal sealed class McpEndpoint(McpCalls calls, McpResources resources, ServerSentEvents stream, MeshCatalogue catalogue)
{
    public const string Path = "/mcp";
    private const string Instructions = "Give the mesh a goal with submit_goal and wait for it with follow_goal. Where a goal asks for consent, ask your user before you decide.";

    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("").AddEndpointFilter<ProblemFilter>().WithMetadata(RpcAnswers.Shape).ExcludeFromDescription();
        group.MapPost(Path, (HttpContext http, McpEndpoint endpoint, RpcAnswers answers, CancellationToken ct) => endpoint.Answer(http, answers, ct)).ForCallers();
        // There is nothing to listen to and no session to end.
        group.MapMethods(Path, ["GET", "DELETE"], (HttpContext http) =>
        {
            http.Response.Headers.Allow = "POST";
            return TypedResults.StatusCode(405);
        }).ForCallers();
    }

    private Task<IResult> Answer(HttpContext http, RpcAnswers answers, CancellationToken ct) => answers.Of(http, RpcAnswers.NoCodes, request => Serve(http, request, ct), ct);

    private async Task<IResult> Serve(HttpContext http, RpcRequest request, CancellationToken ct)
    {
        var current = McpRevision.IsCurrent(http, request);
        if (request.Method == "tools/call") return await Call(http, request, current, ct);
        var result = request.Method switch
        {
            "server/discover" when current => Discovered(),
            "initialize" when !current => Initialized(request.As(McpJson.Default.InitializeParameters).ProtocolVersion),
            "ping" when !current => [],
            "tools/list" => new JsonObject { ["tools"] = McpTools.List(catalogue) },
            "resources/list" => await McpResources.List(CallerMesh.Of(http), request.As(McpJson.Default.PageParameters).Cursor, ct),
            "resources/templates/list" => McpResources.Templates(),
            "resources/read" => await resources.Read(CallerMesh.Of(http), request.As(McpJson.Default.ReadParameters).Uri, current, ct),
            _ => throw new RpcException(RpcException.MethodNotFound, "This server has tools and resources, and no such method.") { Status = current ? 404 : 200 },
        };
        return JsonBody.Of(request.Result(current ? McpRevision.Complete(result, caches: true) : result));
    }

    private static JsonObject Initialized(string asked) => new()
    {
        ["protocolVersion"] = McpRevision.Agreed(asked), ["capabilities"] = Capabilities(), ["serverInfo"] = McpRevision.Server(), ["instructions"] = Instructions,
    };

    private static JsonObject Discovered() => new()
    {
        ["supportedVersions"] = new JsonArray([.. McpRevision.All.Select(v => (JsonNode)v)]), ["capabilities"] = Capabilities(), ["instructions"] = Instructions,
    };

    private static JsonObject Capabilities() => new() { ["tools"] = new JsonObject(), ["resources"] = new JsonObject() };

    private async Task<IResult> Call(HttpContext http, RpcRequest request, bool current, CancellationToken ct)
    {
        var call = request.As(McpJson.Default.CallParameters);
        try
        {
            using var place = McpTools.Follows(call.Name) ? stream.Enter(http) : null;
            var (followed, result) = await calls.Begin(http, call, ct);
            if (followed is not { } goal) return Result(result!);
            var token = call.Meta?.ProgressToken is { ValueKind: JsonValueKind.String or JsonValueKind.Number } given ? given : (JsonElement?)null;
            await stream.Write(http, stop => Events(request, current, CallerMesh.Of(http), goal, token, stop), (sent, body) => ServerEvent.Write(ServerEvent.Of(sent, "message"), body), ct, place);
            return Results.Empty;
        }
        catch (Exception e) when (e is not RpcException && !http.Response.HasStarted && !ct.IsCancellationRequested)
        {
            return Result(calls.Failed(http, e));
        }

        IResult Result(JsonObject result) => JsonBody.Of(request.Result(current ? McpRevision.Complete(result, caches: false) : result));
    }

    private async IAsyncEnumerable<JsonObject> Events(RpcRequest request, bool current, CallerMesh mesh, GoalId goal, JsonElement? token, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var entry in GoalNews.UntilRest(mesh, goal, ct))
        {
            if (token is not null && GoalNews.Line(entry) is { } line)
            {
                yield return new JsonObject
                {
                    ["jsonrpc"] = "2.0", ["method"] = "notifications/progress",
                    ["params"] = new JsonObject { ["progressToken"] = Json.Node(token), ["progress"] = entry.Sequence, ["message"] = line },
                };
            }
        }

        var outcome = await calls.Outcome(mesh, goal, ct);
        yield return request.Result(current ? McpRevision.Complete(outcome, caches: false) : outcome);
    }
}
