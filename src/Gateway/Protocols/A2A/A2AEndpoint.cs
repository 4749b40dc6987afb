using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using AgentMesh.Contracts;
using AgentMesh.Gateway.Goals;
using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Protocols.JsonRpc;
using AgentMesh.Gateway.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AgentMesh.Gateway.Protocols.A2A;

/// <summary>Agent2Agent 1.0 over JSON-RPC: other agents give goals to the mesh, follow and cancel them, and answer what they ask.</summary>
internal sealed class A2AEndpoint(GoalAsking asking, GoalAnswer answer, GoalRest rest, ServerSentEvents stream, MeshCatalogue catalogue, GatewayOptions options)
{
    public const string Path = "/a2a";
    private const int NotCancelable = -32002;
    private const int NoPushNotifications = -32003;
    private const int UnsupportedOperation = -32004;
    private const int VersionNotSupported = -32009;

    private static readonly Dictionary<string, int> Codes = new(StringComparer.Ordinal)
    {
        ["goal-not-found"] = -32001,
        ["goal-over"] = UnsupportedOperation,
        ["content-unsupported"] = -32005,
    };

    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("").AddEndpointFilter<ProblemFilter>().ExcludeFromDescription();
        group.MapGet("/.well-known/agent-card.json", (HttpContext http) => JsonBody.Of(AgentCard.Of(http.Request, null))).ForAnyone();
        group.MapPost(Path, (HttpContext http, A2AEndpoint endpoint, RpcAnswers answers, CancellationToken ct) => endpoint.Answer(http, answers, ct))
            .WithMetadata(RpcAnswers.Shape).ForCallers();
    }

    private Task<IResult> Answer(HttpContext http, RpcAnswers answers, CancellationToken ct) =>
        answers.Of(http, Codes, request => Serve(http, request, ct), ct);

    private async Task<IResult> Serve(HttpContext http, RpcRequest request, CancellationToken ct)
    {
        if (http.Request.Headers["A2A-Version"].ToString() is { Length: > 0 } version && version.Split('.')[0] != "1")
            throw new RpcException(VersionNotSupported, "This agent speaks A2A 1.0. Send A2A-Version: 1.0.");
        var mesh = CallerMesh.Of(http);
        switch (request.Method)
        {
            case "SendMessage":
            {
                var parameters = request.As(A2AJson.Default.SendParameters);
                var task = await Take(http, parameters.Message, ct);
                var view = await rest.Of(mesh, task.Goal, parameters.Configuration?.ReturnImmediately is true ? TimeSpan.Zero : options.LongestWait, ct);
                return Result(request, new JsonObject { ["task"] = await Task(task, view, ct) });
            }

            case "SendStreamingMessage":
            {
                using var place = stream.Enter(http);
                return await Follow(http, request, mesh, await Take(http, request.As(A2AJson.Default.SendParameters).Message, ct), ct, place);
            }

            case "GetTask":
            {
                var view = await mesh.Get(Id(request), ct);
                return Result(request, await Task(Known(view), view, ct));
            }

            case "SubscribeToTask":
            {
                var view = await mesh.Get(Id(request), ct);
                return view.EndedAt is null ? await Follow(http, request, mesh, Known(view), ct) : throw new RpcException(UnsupportedOperation, "The task is over; GetTask has its result.");
            }

            case "CancelTask":
            {
                var caller = Caller.Of(http);
                caller.Require(CallerRole.Submitter, CallerRole.Operator);
                var goal = Id(request);
                if ((await mesh.Get(goal, ct)).EndedAt is not null) throw new RpcException(NotCancelable, "The task is over.");
                await mesh.Cancel(goal, new CancelRequested(caller.Name, "cancelled by its client"), ct);
                var view = await rest.Of(mesh, goal, options.Wait, ct);
                return Result(request, await Task(Known(view), view, ct));
            }

            case "GetExtendedAgentCard":
                return Result(request, AgentCard.Of(http.Request, catalogue.Playbooks.Values));
            case "CreateTaskPushNotificationConfig" or "GetTaskPushNotificationConfig" or "ListTaskPushNotificationConfigs" or "DeleteTaskPushNotificationConfig":
                throw new RpcException(NoPushNotifications, "This agent pushes no notifications: SubscribeToTask follows a task, and webhooks tell of all (docs/WEBHOOKS.md).");
            case "ListTasks":
                throw new RpcException(UnsupportedOperation, "This agent does not list tasks: GET /v1/goals lists goals.");
            default:
                throw new RpcException(RpcException.MethodNotFound, "There is no such method. This agent has SendMessage, SendStreamingMessage, GetTask, CancelTask and SubscribeToTask.");
        }
    }

    /// <summary>A message begins a goal, or says something to one.</summary>
    private async Task<A2ATask> Take(HttpContext http, A2AMessage message, CancellationToken ct)
    {
        if (message.TaskId is { Length: > 0 } task)
        {
            var known = Known(await CallerMesh.Of(http).Get(Input.Goal(task), ct));
            await A2AMessages.Say(http, known.Goal, message, ct);
            return known;
        }

        var goal = await asking.Submit(http, A2AMessages.Ask(message), ct);
        return new A2ATask(goal, message.ContextId is { Length: > 0 } context ? Input.Name(context, "contextId") : goal.Value);
    }

    private async Task<IResult> Follow(HttpContext http, RpcRequest request, CallerMesh mesh, A2ATask task, CancellationToken ct, IDisposable? place = null)
    {
        await stream.Write(http, token => Events(mesh, task, token), (sent, body) => ServerEvent.Write(ServerEvent.Of(request.Result(sent)), body), ct, place);
        return Results.Empty;
    }

    private async IAsyncEnumerable<JsonObject> Events(CallerMesh mesh, A2ATask task, [EnumeratorCancellation] CancellationToken ct)
    {
        yield return new JsonObject { ["task"] = task.Of(await mesh.Get(task.Goal, ct), []) };
        await foreach (var entry in GoalNews.UntilRest(mesh, task.Goal, ct))
            if (entry.Sequence > task.After && GoalNews.Line(entry) is { } line) yield return task.Progress(line, entry);
        var view = await mesh.Get(task.Goal, ct);
        foreach (var artifact in await answer.Artifacts(view, ct)) yield return task.ArtifactUpdate(artifact);
        yield return task.StatusUpdate(view);
    }

    private async Task<JsonObject> Task(A2ATask task, GoalView view, CancellationToken ct) => task.Of(view, await answer.Artifacts(view, ct));

    private static A2ATask Known(GoalView view) => new(view.Goal, view.Goal.Value, view.LastSequence);

    private static GoalId Id(RpcRequest request) => Input.Goal(request.As(A2AJson.Default.TaskParameters).Id);

    private static IResult Result(RpcRequest request, JsonObject result) => JsonBody.Of(request.Result(result));
}
