using AgentMesh.Contracts;

namespace AgentMesh.Orchestration;

/// <summary>A plan in the making: its steps, what there is of each kind, and the ids that are taken.</summary>
internal sealed class PlanDraft(PlanContext context)
{
    private readonly List<PlanStep> _steps = [];

    public IReadOnlyList<PlanStep> Steps => _steps;

    public void Keep(PlanStep step) => _steps.Add(step);

    public void Replace(PlanStep step) => _steps[_steps.FindIndex(s => s.Id == step.Id)] = step;

    /// <summary>The artifacts of that kind: the newest that a step made or will make, else all that were submitted.</summary>
    /// <param name="before">Only what this step may wait for: nothing that waits for it.</param>
    public IReadOnlyList<ArtifactId> Of(string kind, StepId? before = null)
    {
        var graph = before is null ? null : new PlanGraph(_steps);
        for (var i = _steps.Count - 1; i >= 0; i--)
        {
            var step = _steps[i];
            if (step.Produces != kind || step.Id == before) continue;
            if (graph is null || !graph.DependsOn(step.Id, before!.Value.Value)) return [step.Id.Artifact];
        }

        return context.Done.LastOrDefault(a => a.Kind == kind) is { } done
            ? [done.Id] : [.. context.Spec.Inputs.Where(a => a.Kind == kind).Select(a => a.Id)];
    }

    /// <summary>Every kind there is.</summary>
    public IReadOnlyCollection<string> Kinds(StepId? before = null) =>
        [.. _steps.Select(s => s.Produces).Concat(context.Done.Concat(context.Spec.Inputs).Select(a => a.Kind))
            .Distinct(StringComparer.Ordinal).Where(k => Of(k, before).Count > 0)];

    /// <summary>Adds one step for each chosen capability, in the order of the work.</summary>
    /// <param name="before">The step they are made for, if any.</param>
    public void Add(IReadOnlyDictionary<string, Candidate> chosen, StepId? before = null)
    {
        var edges = Edges(chosen);
        List<string> left = [.. chosen.Keys.Order(StringComparer.Ordinal)];
        while (left.Count > 0)
        {
            var kind = left.First(k => !edges[k].Any(left.Contains));
            left.Remove(kind);
            var (role, capability) = (chosen[kind].Role, chosen[kind].Capability);
            var uses = capability.Uses.Where(u => edges[kind].Contains(u) || !chosen.ContainsKey(u));
            var step = new PlanStep
            {
                Id = default,
                Role = role.Name,
                Instruction = capability.Instruction,
                Inputs = [.. capability.Consumes.Concat(uses).Distinct(StringComparer.Ordinal).Where(k => k != kind).SelectMany(k => Of(k, before)).Distinct()],
                Produces = kind,
                Tools = capability.Tools,
            };
            _steps.Add(step with { Id = Name(kind, step) });
        }
    }

    /// <summary>What each chosen capability waits for among the others: all it consumes, and what it uses as far as that makes no cycle.</summary>
    private static Dictionary<string, HashSet<string>> Edges(IReadOnlyDictionary<string, Candidate> chosen)
    {
        var edges = chosen.ToDictionary(
            c => c.Key, c => c.Value.Capability.Consumes.Where(chosen.ContainsKey).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        foreach (var (kind, candidate) in chosen.OrderBy(c => c.Key, StringComparer.Ordinal))
            foreach (var used in candidate.Capability.Uses)
                if (chosen.ContainsKey(used) && !Waits(used, kind)) edges[kind].Add(used);
        return edges;

        bool Waits(string step, string other)
        {
            Stack<string> open = new([step]);
            HashSet<string> seen = new(StringComparer.Ordinal);
            while (open.TryPop(out var at))
            {
                if (at == other) return true;
                if (seen.Add(at))
                    foreach (var next in edges[at]) open.Push(next);
            }

            return false;
        }
    }

    /// <summary><c>name</c>, <c>name-2</c>, … : the first id that names nothing else, over all plan versions.</summary>
    public StepId Name(string name, PlanStep? step = null)
    {
        for (var n = 1; ; n++)
        {
            var id = new StepId(n == 1 ? name : $"{name}-{n}");
            var before = context.Previous?.Steps.FirstOrDefault(s => s.Id == id);
            var pending = before is not null && step is not null && !context.IsSpent(id) && !context.IsDone(id) && PlanRemainder.SameWork(before, step);
            var taken = _steps.Exists(s => s.Id == id) || context.IsSpent(id) || (before is not null && !pending) || context.Available.Contains(id.Artifact);
            if (!taken) return id;
        }
    }
}
