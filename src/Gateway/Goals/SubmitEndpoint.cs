using System.Text.Json;
using AgentMesh.Contracts;
using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Security;
using AgentMesh.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AgentMesh.Gateway.Goals;

/// <summary><c>POST /v1/goals</c>: 201 once the goal is in the journal.</summary>
internal static class SubmitEndpoint
{
    public static void Map(RouteGroupBuilder v1) => v1.MapPost("/goals", Submit).For(CallerRole.Submitter);

    private static async Task<IResult> Submit(HttpContext http, Caller caller, CallerMesh mesh, MeshCatalogue catalogue, GoalInputs inputs, GatewayOptions options, CancellationToken ct)
    {
        var request = await SubmitBody.Read(http, options, ct);
        var spec = Spec(request, caller);
        var chosen = ChosenGoal.Of(http, request.Goal, spec.Tenant);
        // Before the attachments are stored: what is refused should leave nothing behind.
        if (SubmissionCheck.Error(spec, catalogue) is { } error) throw error;
        await mesh.Admit(spec.Tenant, ct);

        var warnings = new List<string>();
        var files = (request.Attachments ?? []).Select(File).ToList();
        spec = spec with { Inputs = await inputs.Read(files, warnings.Add, ct) };
        var goal = await mesh.Submit(spec, chosen, ct);
        if (chosen is not null) await RequireSame(mesh, goal, spec, ct);
        return Made(http, goal, warnings);
    }

    public static IResult Made(HttpContext http, GoalId goal, IReadOnlyList<string> warnings)
    {
        http.Response.Headers.Location = $"/v1/goals/{goal}";
        return TypedResults.Json(new GoalAccepted(goal, warnings), GatewayJson.Default.GoalAccepted, statusCode: 201);
    }

    private static GoalSpec Spec(GoalRequest request, Caller caller)
    {
        var constraints = (request.Constraints ?? new ConstraintsRequest()).Complete();
        if (!Enum.IsDefined(constraints.Approvals)) throw ProblemException.Invalid("approvals-invalid", "constraints.approvals is Ask, Auto or Never.");
        return new GoalSpec
        {
            Text = request.Text,
            Tenant = caller.TenantOr(request.Tenant),
            SubmittedBy = caller.By(request.SubmittedBy, "submittedBy"),
            Playbook = request.Playbook,
            Wants = Input.Names(request.Wants, "wants"),
            Knowledge = Input.Names(request.Knowledge, "knowledge"),
            Constraints = constraints with { Tools = constraints.Tools is { } tools ? Input.Names(tools, "constraints.tools") : null },
        };
    }

    private static AttachedFile File(AttachmentRequest attachment)
    {
        // Senders on other systems give whole paths; only the name means anything here.
        var name = Input.Name(attachment.Name[(attachment.Name.LastIndexOfAny(['/', '\\']) + 1)..], "An attachment's name");
        return new AttachedFile(name, attachment.Content, attachment.Kind);
    }

    /// <summary>The id may have been taken before: by this same goal, whose answer was lost, or by another one.</summary>
    public static async Task RequireSame(CallerMesh mesh, GoalId goal, GoalSpec spec, CancellationToken ct)
    {
        try
        {
            if (Same((await mesh.Get(goal, ct)).Spec, spec)) return;
        }
        catch (MeshException e) when (e.Code == "goal-not-found")
        {
            // It is there, and another tenant's.
        }

        throw ChosenGoal.Reused();
    }

    /// <summary>But for the trace: a repeat has one of its own.</summary>
    public static bool Same(GoalSpec one, GoalSpec other) => RuntimeJson.Same(Json(one with { Trace = null }), Json(other with { Trace = null }));

    private static JsonElement Json(GoalSpec spec) => JsonSerializer.SerializeToElement(spec, MeshJson.Default.GoalSpec);
}
