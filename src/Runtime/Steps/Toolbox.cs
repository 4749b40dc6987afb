using AgentMesh.Agents;
using AgentMesh.Contracts;

namespace AgentMesh.Runtime;

/// <summary>The mesh's tools, and which of them a step may use: what mesh, goal, role and step all allow.</summary>
public sealed class Toolbox(IEnumerable<ITool> tools)
{
    private readonly Dictionary<string, ITool> byName = tools.ToDictionary(t => t.Descriptor.Name, StringComparer.Ordinal);

    public IReadOnlyDictionary<string, ToolDescriptor> Descriptors => byName.ToDictionary(t => t.Key, t => t.Value.Descriptor, StringComparer.Ordinal);

    /// <returns>Null when the mesh has no such tool (any more).</returns>
    public ITool? Find(string name) => byName.GetValueOrDefault(name);

    /// <summary>In order of name.</summary>
    public IReadOnlyList<ToolDescriptor> For(GoalConstraints goal, RoleDescriptor role, PlanStep step) =>
        [.. byName.Values.Select(t => t.Descriptor).Where(t => WhyNot(t.Name, goal, role, step) is null).OrderBy(t => t.Name, StringComparer.Ordinal)];

    /// <summary>Null when the step may use the tool; else which level does not give it.</summary>
    public string? WhyNot(string tool, GoalConstraints goal, RoleDescriptor role, PlanStep step)
    {
        if (!byName.ContainsKey(tool)) return $"This mesh has no tool {tool}. It has: {string.Join(", ", byName.Keys.Order(StringComparer.Ordinal))}.";
        if (goal.Tools is { } goals && !goals.Contains(tool, StringComparer.Ordinal)) return $"The goal does not allow the tool {tool}.";
        if (!role.Tools.Contains(tool, StringComparer.Ordinal)) return $"The role {role.Name} does not have the tool {tool}.";
        if (step.Tools is { } steps && !steps.Contains(tool, StringComparer.Ordinal)) return $"The step {step.Id.Value} may not use the tool {tool}.";
        return null;
    }
}
