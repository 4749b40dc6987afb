using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMesh.Contracts;

namespace AgentMesh.Gateway.Protocols.A2A;

/// <summary>A goal in the form of a task. The task's id is the goal's.</summary>
/// <param name="Context">The conversation, as its client calls it; the goal's own id where it does not.</param>
/// <param name="After">The journal's last entry that its client knows of.</param>
internal sealed record A2ATask(GoalId Goal, string Context, long After = 0)
{
    /// <param name="artifacts">The result, with values.</param>
    public JsonObject Of(GoalView view, IReadOnlyList<Artifact> artifacts) => new()
    {
        ["id"] = Goal.Value,
        ["contextId"] = Context,
        ["status"] = Status(view),
        ["artifacts"] = new JsonArray([.. artifacts.Select(ArtifactOf)]),
        ["history"] = new JsonArray(new JsonObject
        {
            ["messageId"] = $"{Goal}-goal", ["contextId"] = Context, ["taskId"] = Goal.Value, ["role"] = "ROLE_USER", ["parts"] = new JsonArray(Text(view.Spec.Text)),
        }),
    };

    public JsonObject StatusUpdate(GoalView view) => Update(Status(view));

    public JsonObject Progress(string line, JournalEntry entry) => Update(new JsonObject
    {
        ["state"] = "TASK_STATE_WORKING", ["message"] = Message($"{Goal}-{entry.Sequence}", Text(line)), ["timestamp"] = Time(entry.At),
    });

    public JsonObject ArtifactUpdate(Artifact artifact) => new()
    {
        ["artifactUpdate"] = new JsonObject { ["taskId"] = Goal.Value, ["contextId"] = Context, ["artifact"] = ArtifactOf(artifact), ["append"] = false, ["lastChunk"] = true },
    };

    private JsonObject Update(JsonObject status) => new() { ["statusUpdate"] = new JsonObject { ["taskId"] = Goal.Value, ["contextId"] = Context, ["status"] = status } };

    private JsonObject Status(GoalView view)
    {
        var (state, says) = view.Status switch
        {
            GoalStatus.Completed => ("TASK_STATE_COMPLETED", null),
            GoalStatus.Failed => ("TASK_STATE_FAILED", Message($"{Goal}-end", Text(view.Reason))),
            GoalStatus.Cancelled => ("TASK_STATE_CANCELED", Message($"{Goal}-end", Text(view.Reason))),
            GoalStatus.Waiting => ("TASK_STATE_INPUT_REQUIRED", Message($"{Goal}-{view.LastSequence}", Text(GoalAnswer.Asks(view)), Open(view))),
            _ => ("TASK_STATE_WORKING", null),
        };
        var status = new JsonObject { ["state"] = state, ["timestamp"] = Time(view.EndedAt ?? view.SubmittedAt) };
        if (says is not null) status["message"] = says;
        return status;
    }

    private JsonObject Message(string id, params IEnumerable<JsonNode> parts) => new()
    {
        ["messageId"] = id, ["contextId"] = Context, ["taskId"] = Goal.Value, ["role"] = "ROLE_AGENT", ["parts"] = new JsonArray([.. parts]),
    };

    /// <summary>What is asked, for programs.</summary>
    private static JsonObject Open(GoalView view) => new()
    {
        ["data"] = new JsonObject
        {
            ["approvals"] = new JsonArray([.. view.OpenApprovals.Select(a => Json.Node(JsonSerializer.SerializeToElement(a, MeshJson.Default.ApprovalRequested)))]),
            ["questions"] = new JsonArray([.. view.OpenQuestions.Select(q => Json.Node(JsonSerializer.SerializeToElement(q, MeshJson.Default.QuestionAsked)))]),
        },
        ["mediaType"] = "application/json",
    };

    private static JsonObject ArtifactOf(Artifact artifact)
    {
        var parts = new JsonArray(Text(GoalAnswer.Text(artifact)));
        if (artifact.Value is { } value) parts.Add((JsonNode)new JsonObject { ["data"] = Json.Node(value), ["mediaType"] = "application/json" });
        return new JsonObject { ["artifactId"] = artifact.Id.Value, ["name"] = artifact.Kind, ["parts"] = parts };
    }

    private static JsonObject Text(string text) => new() { ["text"] = text, ["mediaType"] = "text/plain" };

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
}
