using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using AgentMesh.Contracts;
using AgentMesh.Gateway.Goals;
using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AgentMesh.Gateway.Approvals;

/// <summary>
/// <c>GET /v1/approvals</c>: the goals that ask something of a person, newest first, with what they ask and the plan so far; <c>/v1/approvals/events</c>
/// says when that has changed. What is asked is decided at the goal: <c>POST /v1/goals/{id}/requests/{request}/decision</c> or <c>/answer</c>.
/// </summary>
internal static class ApprovalEndpoints
{
    private const int MostGoals = 200;
    private const int AtOnce = 16;

    public static void Map(RouteGroupBuilder v1)
    {
        v1.MapGet("/approvals", List).ForCallers();
        v1.MapGet("/approvals/events", Follow).ForCallers();
    }

    private static async Task<IResult> List(HttpContext http, CallerMesh mesh, CancellationToken ct)
    {
        var limit = (int)Input.Number(http, "limit", 50, 1, MostGoals);
        var query = new GoalQuery(Input.NameQuery(http, "tenant"), Limit: limit, Before: Pages.Before(http), Asking: true);
        return TypedResults.Json(await Read(mesh, query, ct), GatewayJson.Default.ApprovalListing);
    }

    /// <summary>A page of the goals that ask something.</summary>
    internal static async Task<ApprovalListing> Read(CallerMesh mesh, GoalQuery query, CancellationToken ct)
    {
        var (goals, next) = await Pages.Goals(mesh, query, ct);
        var asking = new AskingGoal?[goals.Count];
        await Parallel.ForAsync(0, goals.Count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (i, token) =>
            asking[i] = Of(await mesh.Get(goals[i].Goal, token), goals[i]));
        // What was answered while the page was read asks nothing any more.
        return new ApprovalListing([.. asking.OfType<AskingGoal>()], next);
    }

    private static async Task<IResult> Follow(HttpContext http, Caller caller, ApprovalWatch watch, ServerSentEvents stream, CancellationToken ct)
    {
        var tenant = caller.ScopeOf(Input.NameQuery(http, "tenant"));
        var last = http.Request.Headers["Last-Event-ID"].ToString();
        // Asked before anything is sent, so that a store that is away is a problem and no stream that breaks off.
        await watch.Now(tenant, ct);
        await stream.Write(http, token => Changes(tenant, watch, last, token), Write, ct);
        return Results.Empty;
    }

    private static async IAsyncEnumerable<ApprovalsNow> Changes(string? tenant, ApprovalWatch watch, string last, [EnumeratorCancellation] CancellationToken ct)
    {
        while (true)
        {
            var now = await watch.Now(tenant, ct);
            if (now.Version != last) yield return now;
            last = now.Version;
            await watch.Pause(ct);
        }
    }

    private static void Write(ApprovalsNow now, IBufferWriter<byte> body)
    {
        Encoding.UTF8.GetBytes($"id: {now.Version}\ndata: ", body);
        body.Write(JsonSerializer.SerializeToUtf8Bytes(now, GatewayJson.Default.ApprovalsNow));
        body.Write("\n\n"u8);
    }

    private static AskingGoal? Of(GoalView view, GoalSummary summary)
    {
        if (view.OpenApprovals.Count == 0 && view.OpenQuestions.Count == 0) return null;
        var plan = view.Plans.Count > 0 ? view.Plans[^1] : null;
        var inputs = plan?.Steps.ToDictionary(s => s.Id, s => s.Inputs) ?? [];
        return new AskingGoal(
            view.Goal, view.Spec.Tenant, summary.Text, view.Status, view.Spec.SubmittedBy, view.SubmittedAt, summary.UpdatedAt, view.OpenApprovals, view.OpenQuestions,
            plan?.Version ?? 0,
            [.. view.Steps.Select(s => new StepProgress(s.Step, s.Role, s.Instruction, s.Produces, inputs.GetValueOrDefault(s.Step) ?? [], s.Status, s.Tier, s.Error, s.Agent))]);
    }
}
