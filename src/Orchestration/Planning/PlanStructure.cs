using AgentMesh.Contracts;

namespace AgentMesh.Orchestration;

/// <summary>What must hold of any plan whatever the mesh knows: with these, every step either runs, is skipped, or waits for one that does.</summary>
internal static class PlanStructure
{
    /// <summary>No plan is looked at beyond this.</summary>
    public const int MaxSteps = 1_000;
    public const int MaxIdLength = 64;

    /// <summary>A plan that is wrong throughout is not spelt out to the end.</summary>
    private const int MaxProblems = 50;

    public static IReadOnlyList<PlanProblem> Problems(Plan plan, IEnumerable<ArtifactId> available)
    {
        if (plan.Steps.Count > MaxSteps)
            return [new(null, "steps", null, $"The plan has {plan.Steps.Count} steps; at most {MaxSteps} are looked at.")];

        List<PlanProblem> problems = [];
        var there = available.ToHashSet();
        HashSet<string> ids = new(StringComparer.Ordinal);
        if (plan.Steps.Count == 0 && plan.Deliver.Count == 0)
            problems.Add(new(null, "steps", null, "The plan has no steps and delivers nothing; give it at least one step."));

        for (var i = 0; i < plan.Steps.Count; i++)
        {
            var id = plan.Steps[i].Id.Value;
            if (!IsWellFormed(id))
                problems.Add(new(i, "id", null, $"Step '{id}' needs another id: a lower-case letter, then letters, digits and '-', {MaxIdLength} at most."));
            if (!ids.Add(id)) problems.Add(new(i, "id", null, $"Two steps have the id '{id}'; give one of them another."));
        }

        for (var i = 0; i < plan.Steps.Count; i++)
        {
            var step = plan.Steps[i];
            for (var n = 0; n < step.Inputs.Count && problems.Count < MaxProblems; n++)
            {
                var input = step.Inputs[n];
                if (input.Value is null || (!ids.Contains(input.Value) && !there.Contains(input)))
                    problems.Add(new(i, "inputs", n, $"Step '{step.Id}' needs '{input}', which no step makes and nobody submitted{Spelling.Hint(input.Value ?? "", Known())}"));
            }
        }

        for (var n = 0; n < plan.Deliver.Count && problems.Count < MaxProblems; n++)
        {
            var wanted = plan.Deliver[n];
            if (wanted.Value is null || (!ids.Contains(wanted.Value) && !there.Contains(wanted)))
                problems.Add(new(null, "deliver", n, $"The plan delivers '{wanted}', which no step makes{Spelling.Hint(wanted.Value ?? "", Known())}"));
        }

        var graph = new PlanGraph(plan.Steps);
        if (graph.Cycle() is { } cycle)
        {
            var at = plan.Steps.ToList().FindIndex(s => s.Id.Value == cycle[0]);
            problems.Add(new(at, "inputs", null, $"The steps wait for each other: {string.Join(" → ", cycle)}; take one of these inputs away."));
        }

        for (var i = 0; i < plan.Steps.Count && problems.Count < MaxProblems; i++)
            if (plan.Steps[i].When is { } when) problems.AddRange(Conditions(plan.Steps[i], i, when));

        return problems;

        IEnumerable<string> Known() => ids.Concat(there.Select(a => a.Value));

        IEnumerable<PlanProblem> Conditions(PlanStep step, int at, string when)
        {
            Condition condition;
            try
            {
                condition = Condition.Parse(when);
            }
            catch (ConditionException e)
            {
                return [new(at, "when", null, $"Step '{step.Id}' has a condition that cannot be read, at character {e.Position}: {e.Reason}")];
            }

            List<PlanProblem> wrong = [];
            foreach (var reference in condition.References)
            {
                if (there.Contains(reference) || graph.DependsOn(step.Id, reference.Value) && ids.Contains(reference.Value)) continue;
                wrong.Add(new(at, "when", null, ids.Contains(reference.Value)
                    ? $"Step '{step.Id}' has a condition on '{reference}', which it does not wait for; add '{reference}' to its inputs."
                    : $"Step '{step.Id}' has a condition on '{reference}', which no step makes and nobody submitted{Spelling.Hint(reference.Value, Known())}"));
            }

            return wrong;
        }
    }

    public static bool IsWellFormed(string? id) =>
        id is { Length: > 0 and <= MaxIdLength } && char.IsAsciiLetterLower(id[0])
        && id.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
