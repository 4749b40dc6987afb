using AgentMesh.Contracts;

namespace AgentMesh.Orchestration;

/// <summary>Turns a playbook into a plan for one goal.</summary>
public static class PlaybookApplication
{
    /// <summary>Kinds among the inputs become the submitted artifacts of that kind; those that nobody submitted, and that the playbook does not require, are left out.</summary>
    public static Plan Apply(Playbook playbook, PlanContext context, Rationale why)
    {
        var steps = playbook.Steps.Select(s => s.Id.Value).ToHashSet(StringComparer.Ordinal);
        return new Plan
        {
            Version = context.Version,
            Steps = [.. playbook.Steps.Select(s => Step(s, steps, context))],
            Deliver = playbook.Deliver is { Count: > 0 } deliver ? [.. deliver.Select(d => d.Artifact)] : [playbook.Steps[^1].Id.Artifact],
            Proposer = $"playbook:{playbook.Name}",
            Why = why,
        };
    }

    private static PlanStep Step(PlaybookStep step, HashSet<string> steps, PlanContext context)
    {
        var capability = context.Catalogue.Roles.TryGetValue(step.Role, out var role)
            ? role.Capabilities.FirstOrDefault(c => c.Produces == step.Produces) : null;
        return new PlanStep
        {
            Id = step.Id,
            Role = step.Role,
            Instruction = step.Instruction ?? capability?.Instruction ?? $"Make the {step.Produces}.",
            Inputs = [.. step.Inputs.SelectMany(Inputs).Distinct()],
            Produces = step.Produces,
            When = step.When is { } when ? Rename(when) : null,
            Tools = step.Tools,
            Retry = step.Retry,
            Timeout = step.Timeout,
            Optional = step.Optional,
        };

        IEnumerable<ArtifactId> Inputs(string input) => steps.Contains(input) ? [new ArtifactId(input)] : Submitted(input);

        IEnumerable<ArtifactId> Submitted(string input)
        {
            var ofKind = context.Spec.Inputs.Where(a => a.Kind == input).Select(a => a.Id).ToList();
            var named = context.Catalogue.Kinds.ContainsKey(input);
            // What is neither a step nor a kind stays, for the validator to name.
            return ofKind.Count > 0 || named ? ofKind : [new ArtifactId(input)];
        }

        string Rename(string when)
        {
            try
            {
                return Condition.Parse(when).Rename(id => steps.Contains(id.Value) ? id : Submitted(id.Value).DefaultIfEmpty(id).First());
            }
            catch (ConditionException)
            {
                return when;
            }
        }
    }
}
