using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;

namespace AgentMesh.EngineConformance;

/// <summary>
/// A journal as text that is the same for two runs of the same goal, whatever machine ran its steps and in which order independent ones came.
/// <list type="bullet">
/// <item>Left out: times, seconds, sequences; the goal's id is <c>GOAL</c>; an agent is its role (numbers go by order of start).</item>
/// <item>A retry's due time is the wait since the failure, in whole milliseconds.</item>
/// <item>Events are grouped: the goal's own first, then each step's in order of step id. Within a group they keep their order, which is causal.</item>
/// <item>Order between groups counts where it is causal, and is written down there: a start names how its inputs and helpers stood, a later plan
/// what was done when it came into force. So two runs of a goal that replans while independent steps run may differ.</item>
/// </list>
/// </summary>
public static class JournalText
{
    private const string GoalGroup = "";

    public static string Normalise(IReadOnlyList<JournalEntry> entries)
    {
        var groups = new SortedDictionary<string, StringBuilder>(StringComparer.Ordinal) { [GoalGroup] = new() };
        var requests = new Dictionary<RequestId, string>();
        var failedAt = new Dictionary<StepId, DateTimeOffset>();
        GoalState? state = null;
        foreach (var entry in entries)
        {
            var goal = state?.Goal ?? ((GoalSubmitted)entry.Event).Goal;
            var name = Group(entry.Event, requests);
            if (entry.Event is StepFailed failed) failedAt[failed.Step] = entry.At;
            if (!groups.TryGetValue(name, out var group)) groups.Add(name, group = new StringBuilder());
            group.Append(CultureInfo.InvariantCulture, $"  {Text(goal, entry.Event, failedAt)}{Causes(state, entry.Event)}\n");
            state = GoalMachine.Step(state, entry).State;
        }

        var text = new StringBuilder();
        foreach (var (name, group) in groups) text.Append(name.Length == 0 ? "goal" : $"step {name}").Append('\n').Append(group);
        return text.ToString();
    }

    private static string Group(GoalEvent e, Dictionary<RequestId, string> requests)
    {
        if (e is ApprovalRequested approval) requests[approval.Request] = approval.Step.Value;
        if (e is QuestionAsked question) requests[question.Request] = question.Step?.Value ?? GoalGroup;
        return e switch
        {
            StepStarted x => x.Step.Value,
            StepCompleted x => x.Step.Value,
            StepFailed x => x.Step.Value,
            StepSkipped x => x.Step.Value,
            StepSuspended x => x.Step.Value,
            RetryScheduled x => x.Step.Value,
            StepsSpawned x => x.Parent.Value,
            ModelCalled x => x.Step.Value,
            ToolClaimed x => x.Step.Value,
            ToolReturned x => x.Step.Value,
            ToolUnknown x => x.Step.Value,
            ApprovalRequested x => requests[x.Request],
            QuestionAsked x => requests[x.Request],
            ApprovalDecided x => requests[x.Request],
            QuestionAnswered x => requests[x.Request],
            TimerFired { Timer: var timer } when timer.StartsWith("retry:", StringComparison.Ordinal) => timer.Split(':')[1],
            _ => GoalGroup,
        };
    }

    private static string Text(GoalId goal, GoalEvent e, Dictionary<StepId, DateTimeOffset> failedAt)
    {
        var json = JsonNode.Parse(JsonSerializer.Serialize(e, MeshJson.Default.GoalEvent))!.AsObject();
        if (e is StepStarted started) json["agent"] = started.Agent.Value.Split('/')[^2];
        if (e is ToolReturned) json.Remove("seconds");
        if (e is RetryScheduled retry) json["dueAt"] = Math.Floor((retry.DueAt - failedAt[retry.Step]).TotalMilliseconds);
        if (json["usage"] is JsonObject usage) usage.Remove("seconds");
        return json.ToJsonString(MeshJson.Default.Options).Replace($"\"{goal}\"", "\"GOAL\"", StringComparison.Ordinal).Replace($"{goal}/", "GOAL/", StringComparison.Ordinal);
    }

    private static string Causes(GoalState? state, GoalEvent e) => e switch
    {
        StepStarted x when state!.Step(x.Step) is { } step => Listed(" after", state.Steps.Where(s => s.Definition.Parent == x.Step || step.Definition.Inputs.Contains(s.Id.Artifact))),
        PlanAccepted { Plan.Version: > 1 } => Listed(" with", state!.Steps),
        _ => "",
    };

    private static string Listed(string word, IEnumerable<StepState> steps)
    {
        var all = string.Join(", ", steps.OrderBy(s => s.Id.Value, StringComparer.Ordinal).Select(s => $"{s.Id} {s.Status}"));
        return all.Length == 0 ? "" : $"{word} {all}";
    }
}
