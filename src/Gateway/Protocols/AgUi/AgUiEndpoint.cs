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

namespace AgentMesh.Gateway.Protocols.AgUi;

/// <summary>
/// <c>POST /ag-ui</c>: a run of the Agent-User Interaction protocol. A run is a goal, up to where it is over or asks a person; what it asks is an
/// interrupt, and the run that resumes it goes on with the same goal.
/// </summary>
internal sealed class AgUiEndpoint(GoalAsking asking, GoalAnswer answer, ServerSentEvents stream, GatewayOptions options)
{
    public const string Path = "/ag-ui";

    public static void Map(IEndpointRouteBuilder app) => app.MapGroup("").AddEndpointFilter<ProblemFilter>().ExcludeFromDescription()
        .MapPost(Path, (HttpContext http, AgUiEndpoint endpoint, CancellationToken ct) => endpoint.Run(http, ct))
        .WithMetadata(new FailureShape(f => JsonBody.Of(RunEvents.Error(f.Code, f.Detail), f.Status))).For(CallerRole.Submitter, CallerRole.Approver);

    private async Task<IResult> Run(HttpContext http, CancellationToken ct)
    {
        var request = await Body.Read(http, AgUiJson.Default.RunRequest, options.MaxBytesOf(Caller.Of(http)), ct);
        _ = Input.Text(request.ThreadId, "threadId", options.MaxBodyBytes);
        _ = Input.Text(request.RunId, "runId", options.MaxBodyBytes);
        var mesh = CallerMesh.Of(http);
        using var place = stream.Enter(http);
        // What the run before this one told is the page's already.
        var (goal, after) = request.Resume is { Count: > 0 } resumed ? await Resume(http, mesh, resumed, ct) : (await asking.Submit(http, request.Ask(), ct), 0);
        await stream.Write(http, token => Events(request, mesh, goal, after, token), (sent, body) => ServerEvent.Write(ServerEvent.Of(sent), body), ct, place);
        return Results.Empty;
    }

    private async IAsyncEnumerable<JsonObject> Events(RunRequest request, CallerMesh mesh, GoalId goal, long after, [EnumeratorCancellation] CancellationToken ct)
    {
        var run = new RunEvents(request.ThreadId, request.RunId, goal);
        foreach (var sent in run.Begin(await mesh.Get(goal, ct))) yield return sent;
        await foreach (var entry in GoalNews.UntilRest(mesh, goal, ct))
        {
            if (entry.Sequence <= after) continue;
            foreach (var sent in run.Of(entry)) yield return sent;
        }

        var view = await mesh.Get(goal, ct);
        foreach (var sent in run.End(view, await answer.Of(view, ct))) yield return sent;
    }

    private static async Task<(GoalId Goal, long After)> Resume(HttpContext http, CallerMesh mesh, IReadOnlyList<RunResume> resumed, CancellationToken ct)
    {
        var caller = Caller.Of(http);
        caller.Require(CallerRole.Approver);
        GoalId? goal = null;
        var after = 0L;
        foreach (var one in resumed)
        {
            if (one.InterruptId.Split(RunEvents.InterruptMark, 2) is not [var id, var request]) throw new MeshException("goal-not-found", "No run was interrupted by that id.");
            if (goal is { } other && other != Input.Goal(id)) throw ProblemException.Invalid("resume-invalid", "A run resumes one goal: answer the interrupts of one run.");
            var view = await mesh.Get(Input.Goal(id), ct);
            if (goal is null) after = view.LastSequence;
            goal = view.Goal;
            if (one.Status is not ("resolved" or "cancelled")) throw ProblemException.Invalid("resume-invalid", "A resumed interrupt's status is resolved or cancelled.");
            var reply = one.Payload is { ValueKind: System.Text.Json.JsonValueKind.Object } payload ? Parsed(payload) : new RunReply();
            if (one.Status == "cancelled" && view.OpenQuestions.Any(q => q.Request.Value == request))
                throw ProblemException.Invalid("resume-invalid", "A question cannot be cancelled. Answer it, or cancel its goal.");
            if (one.Status == "cancelled") await mesh.Decide(goal.Value, PeopleWords.Decided(request, new DecisionRequest("reject", null, reply.Reason), caller.Name), ct);
            else if (reply.Answer is { } text) await mesh.Answer(goal.Value, PeopleWords.Answered(request, text, caller.Name), ct);
            else await mesh.Decide(goal.Value, PeopleWords.Decided(request, new DecisionRequest(reply.Verdict ?? "", null, reply.Reason, reply.Arguments), caller.Name), ct);
        }

        return (goal!.Value, after);
    }

    private static RunReply Parsed(System.Text.Json.JsonElement payload)
    {
        try
        {
            return RpcRequest.Read(payload, AgUiJson.Default.RunReply, "The payload");
        }
        catch (RpcException e)
        {
            throw ProblemException.Invalid("resume-invalid", e.Message);
        }
    }
}
