using AgentMesh.Contracts;

namespace AgentMesh.Runtime;

/// <summary>What can be told wrong of a goal before it is accepted.</summary>
public static class SubmissionCheck
{
    public const int LongestText = 100_000;

    /// <returns>Null when the goal may be accepted.</returns>
    public static MeshException? Error(GoalSpec spec, MeshCatalogue catalogue)
    {
        if (string.IsNullOrWhiteSpace(spec.Text)) return new("goal-empty", "The goal has no text. Say in a sentence what is wanted.");
        if (spec.Text.Length > LongestText)
            return new("goal-too-long", $"The goal's text has {spec.Text.Length} characters; the limit is {LongestText}. Attach long material as files.");
        if (spec.Playbook is { } playbook && !catalogue.Playbooks.ContainsKey(playbook))
            return new("playbook-unknown", $"There is no playbook {playbook}. There are: {Names(catalogue.Playbooks.Keys)}.");
        foreach (var want in spec.Wants)
            if (!catalogue.Kinds.ContainsKey(want)) return new("kind-unknown", $"There is no artifact kind {want}. There are: {Names(catalogue.Kinds.Keys)}.");
        foreach (var tool in spec.Constraints.Tools ?? [])
            if (!catalogue.Tools.ContainsKey(tool)) return new("tool-unknown", $"There is no tool {tool}. There are: {Names(catalogue.Tools.Keys)}.");
        var limits = spec.Constraints;
        if (limits.Timeout is { } timeout && timeout <= TimeSpan.Zero) return new("timeout-invalid", "The timeout must be longer than zero.");
        if (limits.Timeout > TimeSpan.FromDays(365)) return new("timeout-invalid", "The timeout must be a year at most.");
        if (limits.MaxSteps < 1 || limits.MaxReplans < 0 || limits.MaxDepth < 1) return new("limits-invalid", "maxSteps and maxDepth are at least 1, maxReplans at least 0.");
        var budget = limits.Budget;
        return budget.ModelCalls < 0 || budget.Tokens < 0 || budget.ToolCalls < 0 || budget.Cost < 0 || budget.Seconds < 0
            ? new("budget-invalid", "A budget cannot be negative.") : null;
    }

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Order(StringComparer.Ordinal));
}
