using System.Text.Json;
using AgentMesh.Contracts;
using AgentMesh.Gateway.Goals;
using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Security;
using AgentMesh.Runtime;
using Microsoft.AspNetCore.Http;

namespace AgentMesh.Gateway.Protocols.OpenAi;

/// <summary><c>/v1/responses</c>: create, stream, get and cancel. A response is a goal, and has its id.</summary>
internal static class ResponsesEndpoint
{
    public static async Task<IResult> Create(
        HttpContext http, GoalAsking asking, GoalAnswer answer, GoalRest rest, ServerSentEvents stream, MeshCatalogue catalogue, GatewayOptions options, CancellationToken ct)
    {
        var request = await Body.Read(http, OpenAiJson.Default.ResponseRequest, options.MaxSubmitBytes, ct);
        OpenAiEndpoints.RequirePlain(request.Tools, request.Text?.Format);
        var mesh = CallerMesh.Of(http);
        var files = new List<AttachedFile>();
        List<Said> said =
        [
            .. request.Instructions is { Length: > 0 } instructions ? [new Said("system", instructions)] : Array.Empty<Said>(),
            .. await Before(mesh, request.PreviousResponseId, answer, ct),
            .. Items(request.Input, files),
        ];
        using var place = request.Stream is true ? stream.Enter(http) : null;
        var goal = await asking.Submit(http, Ask.Of(said, files, MeshModels.Playbook(request.Model, catalogue)), ct);
        if (place is not null) return await Follow(http, mesh, goal, -1, answer, stream, ct, place);
        var view = await rest.Of(mesh, goal, request.Background is true ? TimeSpan.Zero : options.LongestWait, ct);
        return JsonBody.Of(ResponseObject.Of(view, await answer.Of(view, ct)));
    }

    public static async Task<IResult> Get(HttpContext http, string id, GoalAnswer answer, ServerSentEvents stream, CancellationToken ct)
    {
        var (mesh, goal) = (CallerMesh.Of(http), Input.Goal(id));
        var view = await mesh.Get(goal, ct);
        return Input.Flag(http, "stream", false) ? await Follow(http, mesh, goal, Input.Number(http, "starting_after", -1, 0, long.MaxValue), answer, stream, ct)
            : JsonBody.Of(ResponseObject.Of(view, await answer.Of(view, ct)));
    }

    public static async Task<IResult> Cancel(HttpContext http, string id, GoalAnswer answer, GoalRest rest, GatewayOptions options, CancellationToken ct)
    {
        var (mesh, goal) = (CallerMesh.Of(http), Input.Goal(id));
        await mesh.Cancel(goal, new CancelRequested(Caller.Of(http).Name, "cancelled by its client"), ct);
        var view = await rest.Of(mesh, goal, options.Wait, ct);
        return JsonBody.Of(ResponseObject.Of(view, await answer.Of(view, ct)));
    }

    private static async Task<IResult> Follow(
        HttpContext http, CallerMesh mesh, GoalId goal, long after, GoalAnswer answer, ServerSentEvents stream, CancellationToken ct, IDisposable? place = null)
    {
        await stream.Write(http, token => ResponseEvents.Of(mesh, goal, after, answer, token), ServerEvent.Write, ct, place);
        return Results.Empty;
    }

    private static async Task<IReadOnlyList<Said>> Before(CallerMesh mesh, string? previous, GoalAnswer answer, CancellationToken ct)
    {
        if (previous is null) return [];
        var view = await mesh.Get(Input.Goal(previous), ct);
        return [new Said(Said.User, view.Spec.Text), new Said("assistant", await answer.Of(view, ct))];
    }

    private static IEnumerable<Said> Items(JsonElement input, List<AttachedFile> files) => input.ValueKind switch
    {
        JsonValueKind.String => [new Said(Said.User, input.GetString()!)],
        JsonValueKind.Array => input.EnumerateArray().Select(i => Item(i, files)).OfType<Said>(),
        _ => throw ProblemException.Invalid("input-invalid", "input is a string, or an array of messages."),
    };

    /// <summary>Null for items that say nothing here, such as the reasoning of an earlier answer.</summary>
    private static Said? Item(JsonElement item, List<AttachedFile> files) => Json.Member(item, "type") switch
    {
        null or "message" => MessageContent.Read(Json.Member(item, "role"), item.ValueKind == JsonValueKind.Object && item.TryGetProperty("content", out var content) ? content : null, files),
        "reasoning" => null,
        _ => throw ProblemException.Invalid("input-unsupported", "The input takes messages with text and files, and no other items."),
    };
}
