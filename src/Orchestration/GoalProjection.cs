using System.Collections.Immutable;
using System.Text.Json;
using AgentMesh.Contracts;

namespace AgentMesh.Orchestration;

/// <summary>What people see of a goal, derived from its state.</summary>
public static class GoalProjection
{
    public static GoalView View(GoalState state) => new()
    {
        Goal = state.Goal,
        Spec = state.Spec,
        Status = state.Status,
        Reason = state.Ended?.Reason ?? Doing(state),
        SubmittedAt = state.SubmittedAt,
        EndedAt = state.EndedAt,
        LastSequence = state.Sequence,
        Plans = state.Plans,
        Steps = [.. state.Steps.Select(View)],
        Artifacts = state.Artifacts,
        Result = state.Ended?.Result ?? [],
        OpenApprovals = [.. state.Requests.Where(r => r is { IsOpen: true, Approval: not null }).Select(r => r.Approval!)],
        OpenQuestions = [.. state.Requests.Where(r => r is { IsOpen: true, Question: not null }).Select(r => r.Question!)],
        Usage = state.Usage,
        Tiers = state.Steps.Where(s => s.Tier is not null).GroupBy(s => s.Tier!, StringComparer.Ordinal)
            .ToImmutableSortedDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal),
        Warnings = state.Warnings,
    };

    private static StepView View(StepState step) => new(
        step.Id, step.PlanVersion, step.Definition.Role, step.Definition.Instruction, step.Definition.Produces, step.Status, step.Attempt, step.Agent,
        step.Definition.Parent, step.StartedAt, step.EndedAt, step.Tier, step.Confidence, step.Error, step.Why, [.. step.Calls.Select(View)]);

    private static CallView View(CallState call) => new(
        call.Id, call.IsModel ? "model" : "tool", call.Name, JsonNamingPolicy.CamelCase.ConvertName(call.Status.ToString()),
        call.Arguments, call.Seconds, call.Error);

    private static string Doing(GoalState state)
    {
        if (state.Ending is { } ending) return ending.Reason;
        return state.Status switch
        {
            GoalStatus.Planning => "A plan is being made.",
            GoalStatus.Waiting => $"Waiting for a person: {string.Join(", ", state.Requests.Where(r => r.IsOpen).Select(r => r.Id.Value))}.",
            _ => $"{state.Steps.Count(s => s.IsOver)} of {state.Steps.Length} steps are over.",
        };
    }
}
