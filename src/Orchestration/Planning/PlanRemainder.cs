using AgentMesh.Contracts;

namespace AgentMesh.Orchestration;

/// <summary>What the next version keeps of the plan in force.</summary>
public static class PlanRemainder
{
    /// <summary>
    /// Completed steps as they are, and unfinished ones that can still run: each input is there, is made by a step that is kept, or came from an
    /// optional step that ended, in which case it is left out.
    /// </summary>
    public static IReadOnlyList<PlanStep> Of(PlanContext context)
    {
        if (context.Previous is not { } previous) return [];
        var available = context.Available.ToHashSet();
        var optional = previous.Steps.Where(s => s.Optional && context.IsSpent(s.Id)).Select(s => s.Id.Artifact).ToHashSet();
        var kept = previous.Steps.Where(s => !context.IsSpent(s.Id)).ToDictionary(s => s.Id.Artifact);

        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var (id, step) in kept.ToList())
            {
                if (step.Inputs.All(Reachable)) continue;
                var without = step with { Inputs = [.. step.Inputs.Where(Reachable)] };
                var survives = !context.IsDone(step.Id) && step.Inputs.All(i => Reachable(i) || optional.Contains(i)) && ConditionHolds(without);
                if (survives) kept[id] = without;
                else kept.Remove(id);
                changed = true;
            }

            bool Reachable(ArtifactId input) => available.Contains(input) || kept.ContainsKey(input);
            bool ConditionHolds(PlanStep step) => step.When is null || Condition.Parse(step.When).References.All(Reachable);
        }

        return [.. previous.Steps.Where(s => kept.ContainsKey(s.Id.Artifact)).Select(s => kept[s.Id.Artifact])];
    }

    /// <summary>Whether the second step is the first one, perhaps without some of its inputs.</summary>
    public static bool SameWork(PlanStep before, PlanStep after) =>
        before.Role == after.Role
        && before.Instruction == after.Instruction
        && before.Produces == after.Produces
        && before.When == after.When
        && before.Parent == after.Parent
        && (before.Tools ?? ["*"]).SequenceEqual(after.Tools ?? ["*"], StringComparer.Ordinal)
        && after.Inputs.All(before.Inputs.Contains);
}
