using AgentMesh.Contracts;
using AgentMesh.Gateway.Http;
using AgentMesh.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AgentMesh.Gateway.Goals;

/// <summary>What people tell a goal: decisions, answers, news, and that it shall stop. 204 once it is in the journal.</summary>
internal static class PeopleEndpoints
{
    private const string Caller = "api";

    public static void Map(RouteGroupBuilder v1)
    {
        v1.MapPost("/goals/{id}/cancel", Cancel);
        v1.MapPost("/goals/{id}/messages", Tell);
        v1.MapPost("/goals/{id}/requests/{request}/decision", Decide);
        v1.MapPost("/goals/{id}/requests/{request}/answer", Answer);
    }

    private static async Task<IResult> Cancel(HttpContext http, string id, IMesh mesh, GatewayOptions options, CancellationToken ct)
    {
        var body = await Body.Read(http, RequestJson.Default.CancelRequest, options.MaxBodyBytes, ct);
        await mesh.Cancel(Input.Goal(id), new CancelRequested(By(body.By), Text(body.Reason ?? "no longer wanted", "reason")), ct);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> Tell(HttpContext http, string id, IMesh mesh, GatewayOptions options, CancellationToken ct)
    {
        var body = await Body.Read(http, RequestJson.Default.MessageRequest, options.MaxBodyBytes, ct);
        await mesh.Tell(Input.Goal(id), new MessageReceived(By(body.By), Text(body.Text, "text")), ct);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> Decide(HttpContext http, string id, string request, IMesh mesh, GatewayOptions options, CancellationToken ct)
    {
        var body = await Body.Read(http, RequestJson.Default.DecisionRequest, options.MaxBodyBytes, ct);
        var verdict = body.Verdict switch
        {
            "approve" => ApprovalVerdict.Approved,
            "reject" => ApprovalVerdict.Rejected,
            "edit" => ApprovalVerdict.Edited,
            _ => throw ProblemException.Invalid("verdict-invalid", "verdict is approve, reject or edit."),
        };
        if (verdict != ApprovalVerdict.Edited && body.Arguments is not null)
            throw ProblemException.Invalid("arguments-unexpected", "Only an edit has arguments: a consent holds for exactly those that were asked about.");
        var reason = body.Reason is { } why ? Text(why, "reason") : null;
        var arguments = body.Arguments is { } given ? Input.Readable(given, "The arguments") : (System.Text.Json.JsonElement?)null;
        await mesh.Decide(Input.Goal(id), new ApprovalDecided(Request(request), verdict, By(body.By), reason, arguments), ct);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> Answer(HttpContext http, string id, string request, IMesh mesh, GatewayOptions options, CancellationToken ct)
    {
        var body = await Body.Read(http, RequestJson.Default.AnswerRequest, options.MaxBodyBytes, ct);
        await mesh.Answer(Input.Goal(id), new QuestionAnswered(Request(request), By(body.By), Text(body.Answer, "answer")), ct);
        return TypedResults.NoContent();
    }

    private static RequestId Request(string text) => new(Input.Name(text, "A request's id"));

    private static string By(string? name) => Input.Name(name, "by", Caller);

    private static string Text(string text, string what) => Input.Text(text, what, SubmissionCheck.LongestText);
}
