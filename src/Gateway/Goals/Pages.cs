using AgentMesh.Contracts;
using AgentMesh.Gateway.Http;
using Microsoft.AspNetCore.Http;

namespace AgentMesh.Gateway.Goals;

/// <summary>Lists of goals, page by page.</summary>
internal static class Pages
{
    /// <summary>The place that a request goes on from; null for the beginning.</summary>
    public static GoalId? Before(HttpContext http) => Input.Query(http, "before") is not { } cursor ? null
        : GoalCursor.Decode(cursor) ?? throw ProblemException.Bad("cursor-invalid", "before is the `next` of an earlier page, unchanged. Start again without it.");

    /// <returns>A page, and where the next one begins; null after the last.</returns>
    public static async Task<(IReadOnlyList<GoalSummary> Goals, string? Next)> Goals(IMesh mesh, GoalQuery query, CancellationToken ct)
    {
        // One more than asked for tells whether there is a next page.
        var goals = await mesh.List(query with { Limit = query.Limit + 1 }, ct);
        return goals.Count <= query.Limit ? (goals, null) : ([.. goals.Take(query.Limit)], GoalCursor.Encode(goals[query.Limit - 1].Goal));
    }
}
