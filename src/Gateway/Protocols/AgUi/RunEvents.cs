using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMesh.Contracts;

namespace AgentMesh.Gateway.Protocols.AgUi;

/// <summary>A goal's journal as the events of a run. It keeps the protocol's rules: what was begun is ended before the run is.</summary>
internal sealed class RunEvents(string thread, string run, GoalId goal)
{
    /// <summary>Between the goal and the request in an interrupt's id; neither has it.</summary>
    public const char InterruptMark = '#';

    private readonly HashSet<string> steps = new(StringComparer.Ordinal);
    private readonly HashSet<string> calls = new(StringComparer.Ordinal);

    public static JsonObject Error(string code, string message) => new() { ["type"] = "RUN_ERROR", ["message"] = message, ["code"] = code };

    public IEnumerable<JsonObject> Begin(GoalView view) =>
    [
        new() { ["type"] = "RUN_STARTED", ["threadId"] = thread, ["runId"] = run, ["protocolVersion"] = "1.0" },
        new()
        {
            ["type"] = "STATE_SNAPSHOT",
            ["snapshot"] = new JsonObject
            {
                ["goal"] = goal.Value,
                ["status"] = view.Status.ToString(),
                ["steps"] = new JsonObject(view.Steps.DistinctBy(s => s.Step).Select(s => KeyValuePair.Create(s.Step.Value, (JsonNode?)s.Status.ToString()))),
            },
        },
    ];

    public IEnumerable<JsonObject> Of(JournalEntry entry) => entry.Event switch
    {
        PlanAccepted e => [State("/status", "Running"), .. e.Plan.Steps.Select(s => Step(s.Id, "Pending"))],
        StepStarted e => [.. Finish(e.Step), Step(e.Step, "Running"), Start(e.Step)],
        StepCompleted e => [Step(e.Step, "Completed"), .. Finish(e.Step)],
        StepFailed e => [Step(e.Step, "Failed"), .. Finish(e.Step)],
        StepSkipped e => [Step(e.Step, "Skipped"), .. Finish(e.Step)],
        StepSuspended e => [Step(e.Step, "Suspended"), .. Finish(e.Step)],
        ToolClaimed e => Call(e.Call, e.Tool, e.Arguments),
        ToolReturned e =>
        [
            .. Call(e.Call, e.Tool, e.Arguments),
            new() { ["type"] = "TOOL_CALL_RESULT", ["messageId"] = $"{goal}/{e.Call}", ["toolCallId"] = e.Call.Value, ["content"] = e.Error ?? e.Result?.GetRawText() ?? "", ["role"] = "tool" },
        ],
        _ => [],
    };

    /// <param name="text">What the goal has to say.</param>
    public IEnumerable<JsonObject> End(GoalView view, string text)
    {
        foreach (var step in steps.ToList())
            foreach (var sent in Finish(new StepId(step))) yield return sent;
        yield return State("/status", view.Status.ToString());
        if (view.Status is GoalStatus.Completed or GoalStatus.Waiting)
        {
            var message = $"{goal}/{view.LastSequence}";
            yield return new JsonObject { ["type"] = "TEXT_MESSAGE_START", ["messageId"] = message, ["role"] = "assistant" };
            yield return new JsonObject { ["type"] = "TEXT_MESSAGE_CONTENT", ["messageId"] = message, ["delta"] = text };
            yield return new JsonObject { ["type"] = "TEXT_MESSAGE_END", ["messageId"] = message };
        }

        yield return view.Status == GoalStatus.Failed ? Error("goal-failed", text) : new JsonObject
        {
            ["type"] = "RUN_FINISHED",
            ["threadId"] = thread,
            ["runId"] = run,
            ["result"] = new JsonObject { ["goal"] = goal.Value, ["status"] = view.Status.ToString() },
            ["outcome"] = view.Status switch
            {
                GoalStatus.Cancelled => new JsonObject { ["type"] = "cancelled" },
                GoalStatus.Waiting => new JsonObject { ["type"] = "interrupt", ["interrupts"] = new JsonArray([.. view.OpenApprovals.Select(Interrupt), .. view.OpenQuestions.Select(Interrupt)]) },
                _ => new JsonObject { ["type"] = "success" },
            },
            ["usage"] = new JsonArray(new JsonObject { ["inputTokens"] = view.Usage.InputTokens, ["outputTokens"] = view.Usage.OutputTokens, ["totalTokens"] = view.Usage.Tokens }),
        };
    }

    private JsonObject Start(StepId step)
    {
        steps.Add(step.Value);
        return new JsonObject { ["type"] = "STEP_STARTED", ["stepName"] = step.Value };
    }

    private IEnumerable<JsonObject> Finish(StepId step) => steps.Remove(step.Value) ? [new JsonObject { ["type"] = "STEP_FINISHED", ["stepName"] = step.Value }] : [];

    private IEnumerable<JsonObject> Call(CallId call, string tool, JsonElement arguments) => !calls.Add(call.Value) ? [] :
    [
        new() { ["type"] = "TOOL_CALL_START", ["toolCallId"] = call.Value, ["toolCallName"] = tool },
        new() { ["type"] = "TOOL_CALL_ARGS", ["toolCallId"] = call.Value, ["delta"] = arguments.GetRawText() },
        new() { ["type"] = "TOOL_CALL_END", ["toolCallId"] = call.Value },
    ];

    private static JsonObject Step(StepId step, string status) => State($"/steps/{step.Value.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}", status);

    // Adding to a member of an object that is there replaces it.
    private static JsonObject State(string path, string value) => new()
    {
        ["type"] = "STATE_DELTA", ["delta"] = new JsonArray(new JsonObject { ["op"] = "add", ["path"] = path, ["value"] = value }),
    };

    private JsonObject Interrupt(ApprovalRequested approval) => new()
    {
        ["id"] = $"{goal}{InterruptMark}{approval.Request}", ["reason"] = "approval", ["message"] = $"Consent to {approval.Tool}? {approval.Why}", ["toolCallId"] = approval.Call.Value,
        ["metadata"] = Json.Node(JsonSerializer.SerializeToElement(approval, MeshJson.Default.ApprovalRequested)),
    };

    private JsonObject Interrupt(QuestionAsked question) => new()
    {
        ["id"] = $"{goal}{InterruptMark}{question.Request}", ["reason"] = "question", ["message"] = question.Question,
        ["metadata"] = Json.Node(JsonSerializer.SerializeToElement(question, MeshJson.Default.QuestionAsked)),
    };
}
