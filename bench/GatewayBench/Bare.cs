using System.Text.Json;
using System.Text.Json.Serialization;
using AgentMesh.Contracts;
using AgentMesh.Runtime;
using Microsoft.AspNetCore.Http;

namespace AgentMesh.GatewayBench;

/// <summary>A bare endpoint: reads the body of a submit, appends its first entry, answers with the id. No checks, no goal that runs.</summary>
internal static class Bare
{
    public static RequestDelegate Submit(IJournal journal)
    {
        var ids = new TimeOrderedGoalIds(TimeProvider.System);
        return async http =>
        {
            var request = (await JsonSerializer.DeserializeAsync(http.Request.Body, BareJson.Default.GoalRequest, http.RequestAborted))!;
            var (goal, now) = (ids.Next(), TimeProvider.System.GetUtcNow());
            var spec = new GoalSpec { Text = request.Text };
            await journal.Append(
                new JournalAppend(goal, 0, [new JournalEntry(1, now, new GoalSubmitted(goal, spec))], new GoalSummary(goal, spec.Tenant, spec.Text, GoalStatus.Completed, now, now, 1), "bare"),
                http.RequestAborted);
            http.Response.StatusCode = 201;
            http.Response.ContentType = "application/json";
            await JsonSerializer.SerializeAsync(http.Response.Body, new GoalAccepted(goal, []), BareJson.Default.GoalAccepted, http.RequestAborted);
        };
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(GoalRequest))]
[JsonSerializable(typeof(GoalAccepted))]
internal sealed partial class BareJson : JsonSerializerContext;
