using AgentMesh.Contracts;

namespace AgentMesh.Orchestration;

/// <summary>Who needs whose artifact among the steps of a plan. Walks are iterative: a long chain costs no stack.</summary>
internal sealed class PlanGraph
{
    private readonly Dictionary<string, IReadOnlyList<string>> _inputs = new(StringComparer.Ordinal);

    public PlanGraph(IEnumerable<PlanStep> steps)
    {
        foreach (var step in steps)
            _inputs.TryAdd(step.Id.Value, [.. step.Inputs.Select(i => i.Value)]);
    }

    /// <summary>Whether <paramref name="step"/> needs, directly or through others, what <paramref name="other"/> makes.</summary>
    public bool DependsOn(StepId step, string other)
    {
        Stack<string> open = new([step.Value]);
        HashSet<string> seen = new(StringComparer.Ordinal);
        while (open.TryPop(out var at))
        {
            if (!_inputs.TryGetValue(at, out var inputs)) continue;
            foreach (var input in inputs)
            {
                if (input == other) return true;
                if (seen.Add(input)) open.Push(input);
            }
        }

        return false;
    }

    /// <returns>One cycle in the direction of the work, its first step repeated at the end: <c>a</c>, <c>b</c>, <c>a</c>; null when there is none.</returns>
    public IReadOnlyList<string>? Cycle()
    {
        HashSet<string> cleared = new(StringComparer.Ordinal);
        foreach (var start in _inputs.Keys)
        {
            // The path from the start to where the walk stands, each with the next input to look at.
            List<(string Step, int Next)> path = [];
            HashSet<string> onPath = new(StringComparer.Ordinal);
            Enter(start);
            while (path.Count > 0)
            {
                var (at, next) = path[^1];
                if (next == _inputs[at].Count)
                {
                    path.RemoveAt(path.Count - 1);
                    onPath.Remove(at);
                    cleared.Add(at);
                    continue;
                }

                path[^1] = (at, next + 1);
                var input = _inputs[at][next];
                if (onPath.Contains(input))
                {
                    var from = path.FindIndex(p => p.Step == input);
                    return [input, .. path.Skip(from + 1).Select(p => p.Step).Reverse(), input];
                }

                if (_inputs.ContainsKey(input) && !cleared.Contains(input)) Enter(input);
            }

            void Enter(string step)
            {
                if (cleared.Contains(step)) return;
                path.Add((step, 0));
                onPath.Add(step);
            }
        }

        return null;
    }
}
