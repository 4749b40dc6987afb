using System.Text.Json.Nodes;
using AgentMesh.Contracts;

namespace AgentMesh.Gateway.Protocols.OpenAi;

/// <summary>A goal in the form of a response.</summary>
internal static class ResponseObject
{
    /// <param name="text">What the goal has to say.</param>
    public static JsonObject Of(GoalView view, string text) => Of(
        view, Status(view), view.Status is GoalStatus.Completed or GoalStatus.Waiting ? new JsonArray(Message(view, Part(text), "completed")) : [],
        view.Status == GoalStatus.Failed ? new JsonObject { ["code"] = "server_error", ["message"] = text } : null);

    /// <summary>As it is before anything came of it.</summary>
    public static JsonObject Begun(GoalView view) => Of(view, "in_progress", [], null);

    /// <summary>A goal that waits for a person is incomplete: nothing comes of polling until the person answers.</summary>
    public static string Status(GoalView view) => view.Status switch
    {
        GoalStatus.Completed => "completed",
        GoalStatus.Failed => "failed",
        GoalStatus.Cancelled => "cancelled",
        GoalStatus.Waiting => "incomplete",
        _ => "in_progress",
    };

    public static JsonObject Message(GoalView view, JsonObject? part, string status) => new()
    {
        ["id"] = MessageId(view), ["type"] = "message", ["status"] = status, ["role"] = "assistant", ["content"] = part is null ? new JsonArray() : new JsonArray(part),
    };

    public static string MessageId(GoalView view) => $"msg_{view.Goal}";

    public static JsonObject Part(string text) => new() { ["type"] = "output_text", ["text"] = text, ["annotations"] = new JsonArray(), ["logprobs"] = new JsonArray() };

    private static JsonObject Of(GoalView view, string status, JsonArray output, JsonObject? error) => new()
    {
        ["id"] = view.Goal.Value,
        ["object"] = "response",
        ["created_at"] = view.SubmittedAt.ToUnixTimeSeconds(),
        ["completed_at"] = view.Status == GoalStatus.Completed ? view.EndedAt?.ToUnixTimeSeconds() : null,
        ["status"] = status,
        ["error"] = error,
        ["incomplete_details"] = status == "incomplete" ? new JsonObject { ["reason"] = "waiting_for_person" } : null,
        ["instructions"] = null,
        ["metadata"] = new JsonObject(),
        ["model"] = MeshModels.Of(view.Spec),
        ["output"] = output,
        ["parallel_tool_calls"] = true,
        ["temperature"] = null,
        ["tool_choice"] = "auto",
        ["tools"] = new JsonArray(),
        ["top_p"] = null,
        ["usage"] = new JsonObject
        {
            ["input_tokens"] = view.Usage.InputTokens, ["input_tokens_details"] = new JsonObject { ["cached_tokens"] = 0 },
            ["output_tokens"] = view.Usage.OutputTokens, ["output_tokens_details"] = new JsonObject { ["reasoning_tokens"] = 0 },
            ["total_tokens"] = view.Usage.Tokens,
        },
    };
}
