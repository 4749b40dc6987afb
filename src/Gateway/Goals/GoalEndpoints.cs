using AgentMesh.Contracts;
using AgentMesh.Gateway.Http;
using AgentMesh.Gateway.Security;
using AgentMesh.Orchestration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AgentMesh.Gateway.Goals;

/// <summary><c>GET /v1/goals</c>, one goal, its explanation, and waiting for it.</summary>
internal static class GoalEndpoints
{
    private const int MostGoals = 1000;

    public static void Map(RouteGroupBuilder v1)
    {
        v1.MapGet("/goals", List).ForCallers();
        v1.MapGet("/goals/{id}", async (string id, CallerMesh mesh, CancellationToken ct) => View(await mesh.Get(Input.Goal(id), ct))).ForCallers();
        v1.MapGet("/goals/{id}/explain", Explain).ForCallers();
        v1.MapGet("/goals/{id}/wait", Wait).ForCallers();
    }

    private static async Task<IResult> List(HttpContext http, CallerMesh mesh, CancellationToken ct)
    {
        var limit = (int)Input.Number(http, "limit", 50, 1, MostGoals);
        var query = new GoalQuery(
            Input.NameQuery(http, "tenant"), Statuses(http), limit, Pages.Before(http), Input.Words(http, "text"), Input.Time(http, "since"), Input.Flag(http, "asking", false));
        var (goals, next) = await Pages.Goals(mesh, query, ct);
        return TypedResults.Json(new GoalListing(goals, next), GatewayJson.Default.GoalListing);
    }

    private static async Task<IResult> Explain(HttpContext http, string id, CallerMesh mesh, CancellationToken ct)
    {
        var entries = new List<JournalEntry>();
        await foreach (var entry in mesh.Events(Input.Goal(id), ct: ct)) entries.Add(entry);
        var only = Input.NameQuery(http, "step") is { } step ? new StepId(step) : (StepId?)null;
        return TypedResults.Json(Explanation.Of(entries, only), GatewayJson.Default.IReadOnlyListDecision);
    }

    /// <summary>Answers when the goal is over or only a person can move it, or, as it is then, when the time is up or the server stops.</summary>
    private static async Task<IResult> Wait(HttpContext http, string id, CallerMesh mesh, GatewayOptions options, GoalRest rest, CancellationToken ct)
    {
        var goal = Input.Goal(id);
        var patience = TimeSpan.FromSeconds(Input.Number(http, "timeout", (long)options.Wait.TotalSeconds, 0, (long)options.LongestWait.TotalSeconds));
        return View(await rest.Of(mesh, goal, patience, ct));
    }

    private static IResult View(GoalView view) => TypedResults.Json(view, MeshJson.Default.GoalView);

    private static List<GoalStatus>? Statuses(HttpContext http)
    {
        if (!http.Request.Query.TryGetValue("status", out var given)) return null;
        var names = given.SelectMany(g => (g ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        return [.. names.Select(n => Enum.GetValues<GoalStatus>().Where(s => s.ToString().Equals(n, StringComparison.OrdinalIgnoreCase)).Select(s => (GoalStatus?)s).FirstOrDefault()
            ?? throw ProblemException.Bad("query-invalid", $"status takes {string.Join(", ", Enum.GetNames<GoalStatus>())}."))];
    }
}
