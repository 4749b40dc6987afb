using AgentMesh.Contracts;
using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Security;
using AgentMesh.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AgentMesh.Gateway.Goals;

/// <summary><c>POST /v1/goals/{id}/fork</c>: 201 once the new goal is in the journal.</summary>
internal static class ForkEndpoint
{
    public static void Map(RouteGroupBuilder v1) => v1.MapPost("/goals/{id}/fork", Fork).For(CallerRole.Submitter);

    private static async Task<IResult> Fork(HttpContext http, string id, Caller caller, CallerMesh mesh, GatewayOptions options, CancellationToken ct)
    {
        var body = await Body.Read(http, RequestJson.Default.GoalForkRequest, options.MaxBodyBytes, ct);
        var source = await mesh.Get(Input.Goal(id), ct);
        var constraints = body.Constraints?.Complete(source.Spec.Constraints) ?? source.Spec.Constraints;
        if (!Enum.IsDefined(constraints.Approvals)) throw ProblemException.Invalid("approvals-invalid", "constraints.approvals is Ask, Auto or Never.");
        var instruction = body.Instruction is { } words ? Input.Text(words, "instruction", SubmissionCheck.LongestText) : null;
        var request = new ForkRequest(new StepId(Input.Name(body.FromStep, "fromStep")), caller.By(body.SubmittedBy, "submittedBy"), instruction, constraints);
        var chosen = ChosenGoal.Of(http, body.Goal, source.Spec.Tenant);
        var goal = await mesh.Fork(source.Goal, request, chosen, ct);
        if (chosen is not null && !await IsSame(mesh, goal, source, request, ct)) throw ChosenGoal.Reused();
        return SubmitEndpoint.Made(http, goal, []);
    }

    /// <summary>The id may have been taken before: by this same fork, whose answer was lost, or by another goal.</summary>
    private static async Task<bool> IsSame(CallerMesh mesh, GoalId goal, GoalView source, ForkRequest request, CancellationToken ct)
    {
        try
        {
            var known = (await mesh.Get(goal, ct)).Spec;
            if (known.Fork is not { } fork || fork.Goal != source.Goal || fork.Step != request.From) return false;
            var told = request.Instruction ?? source.Plans.Last(p => p.Steps.Any(s => s.Id == request.From)).Steps.First(s => s.Id == request.From).Instruction;
            return fork.Plan.Steps.First(s => s.Id == request.From).Instruction == told
                && SubmitEndpoint.Same(known with { Fork = null }, source.Spec with { Fork = null, Constraints = request.Constraints!, SubmittedBy = known.SubmittedBy });
        }
        catch (MeshException e) when (e.Code == "goal-not-found")
        {
            // It is there, and another tenant's.
            return false;
        }
    }
}
