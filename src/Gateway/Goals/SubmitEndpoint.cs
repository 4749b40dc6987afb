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
        var chosen = ChosenId(http, request, spec.Tenant);
        // Before the attachments are stored: what is refused should leave nothing behind.
        if (SubmissionCheck.Error(spec, catalogue) is { } error) throw error;

        var warnings = new List<string>();
        var files = (request.Attachments ?? []).Select(File).ToList();
        spec = spec with { Inputs = await inputs.Read(files, warnings.Add, ct) };
        var goal = await mesh.Submit(spec, chosen, ct);
        if (chosen is not null) await RequireSame(mesh, goal, spec, ct);
        return TypedResults.Json(new GoalAccepted(goal, warnings), GatewayJson.Default.GoalAccepted, statusCode: 201).At(http, $"/v1/goals/{goal}");
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

    private static GoalId? ChosenId(HttpContext http, GoalRequest request, string tenant)
    {
        var key = http.Request.Headers["Idempotency-Key"];
        if (key.Count > 0 && request.Goal is not null) throw ProblemException.Bad("idempotency-key-invalid", "Give either an Idempotency-Key or a goal id of your own, not both.");
        return key.Count > 0 ? ChosenGoal.OfKey(tenant, key.ToString()) : request.Goal is { } id ? ChosenGoal.OfId(id) : null;
    }

    /// <summary>The id may have been taken before: by this same goal, whose answer was lost, or by another one.</summary>
    private static async Task RequireSame(CallerMesh mesh, GoalId goal, GoalSpec spec, CancellationToken ct)
    {
        try
        {
            if (RuntimeJson.Same(Json((await mesh.Get(goal, ct)).Spec), Json(spec))) return;
        }
        catch (MeshException e) when (e.Code == "goal-not-found")
        {
            // It is there, and another tenant's.
        }

        throw ProblemException.Invalid("idempotency-key-reused", "This Idempotency-Key or goal id was used before, with another body. Take a new one for a new goal.");
    }

    private static JsonElement Json(GoalSpec spec) => JsonSerializer.SerializeToElement(spec, MeshJson.Default.GoalSpec);

    private static IResult At(this IResult result, HttpContext http, string location)
    {
        http.Response.Headers.Location = location;
        return result;
    }
}
