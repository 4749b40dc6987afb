using AgentMesh.Contracts;
using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Limits;
using AgentMesh.Gateway.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AgentMesh.Gateway.Goals;

/// <summary>What people tell a goal: decisions, answers, news, and that it shall stop. 204 once it is in the journal.</summary>
internal static class PeopleEndpoints
{
    public static void Map(RouteGroupBuilder v1)
    {
        v1.MapPost("/goals/{id}/cancel", Cancel).For(CallerRole.Submitter, CallerRole.Operator);
        v1.MapPost("/goals/{id}/messages", Tell).For(CallerRole.Submitter).Idempotent();
        v1.MapPost("/goals/{id}/requests/{request}/decision", Decide).For(CallerRole.Approver);
        v1.MapPost("/goals/{id}/requests/{request}/answer", Answer).For(CallerRole.Approver);
    }

    private static async Task<IResult> Cancel(HttpContext http, Caller caller, string id, CallerMesh mesh, GatewayOptions options, CancellationToken ct)
    {
        var body = await Body.Read(http, RequestJson.Default.CancelRequest, options.MaxBodyBytes, ct);
        await mesh.Cancel(Input.Goal(id), new CancelRequested(caller.By(body.By), PeopleWords.Text(body.Reason ?? "no longer wanted", "reason")), ct);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> Tell(HttpContext http, Caller caller, string id, CallerMesh mesh, GatewayOptions options, CancellationToken ct)
    {
        var body = await Body.Read(http, RequestJson.Default.MessageRequest, options.MaxBodyBytes, ct);
        await mesh.Tell(Input.Goal(id), new MessageReceived(caller.By(body.By), PeopleWords.Text(body.Text, "text")), ct);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> Decide(HttpContext http, Caller caller, string id, string request, CallerMesh mesh, GatewayOptions options, CancellationToken ct)
    {
        var body = await Body.Read(http, RequestJson.Default.DecisionRequest, options.MaxBodyBytes, ct);
        await mesh.Decide(Input.Goal(id), PeopleWords.Decided(request, body, caller.By(body.By)), ct);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> Answer(HttpContext http, Caller caller, string id, string request, CallerMesh mesh, GatewayOptions options, CancellationToken ct)
    {
        var body = await Body.Read(http, RequestJson.Default.AnswerRequest, options.MaxBodyBytes, ct);
        await mesh.Answer(Input.Goal(id), PeopleWords.Answered(request, body.Answer, caller.By(body.By)), ct);
        return TypedResults.NoContent();
    }
}
