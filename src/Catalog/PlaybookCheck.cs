using AgentMesh.Catalog.Yaml;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;

namespace AgentMesh.Catalog;

/// <summary>Checks a playbook as the plan it will become, with the validator that checks every plan, and puts each error in its place in the file.</summary>
internal static class PlaybookCheck
{
    /// <returns>The playbook with tools in the place of patterns.</returns>
    public static Playbook Check(PlaybookFile file, MeshCatalogue mesh, bool lenient)
    {
        var resolved = Resolve(file, mesh, lenient);
        if (lenient || file.Bag.HasErrors) return resolved;

        var bag = file.Bag;
        foreach (var (kind, n) in resolved.Requires.Select((k, n) => (k, n)))
            if (!mesh.Kinds.ContainsKey(kind)) bag.Error(file.Place(null, "requires", n), $"'{kind}' is no known artifact kind{Spelling.Hint(kind, mesh.Kinds.Keys)}");

        var steps = resolved.Steps.Select(s => s.Id.Value).ToHashSet(StringComparer.Ordinal);
        var named = resolved.Steps.SelectMany(s => s.Inputs).Concat(resolved.Requires)
            .Where(i => mesh.Kinds.ContainsKey(i) && !steps.Contains(i)).Distinct(StringComparer.Ordinal).ToList();

        // First with everything attached that the playbook can take, then with no more than it requires.
        Report(file, resolved, mesh, named, "");
        if (bag.HasErrors) return resolved;
        var optional = named.Except(resolved.Requires, StringComparer.Ordinal).ToList();
        if (optional.Count > 0)
            Report(file, resolved, mesh, [.. named.Intersect(resolved.Requires, StringComparer.Ordinal)],
                $" This is so when no {string.Join(" or ", optional)} is attached; if it always must be, add it to 'requires'.");
        return resolved;
    }

    private static void Report(PlaybookFile file, Playbook playbook, MeshCatalogue mesh, IReadOnlyList<string> attached, string remark)
    {
        var spec = new GoalSpec
        {
            Text = playbook.Description,
            Inputs = [.. attached.Select(k => new Artifact { Id = new ArtifactId(k), Kind = k, Trust = Trust.User, Origin = new Origin(null, null, null) })],
            Constraints = new GoalConstraints { MaxSteps = int.MaxValue },
        };
        var context = new PlanContext(mesh, spec);
        var plan = PlaybookApplication.Apply(playbook, context, Rationale.Because(playbook.Description));
        foreach (var problem in PlanValidator.Problems(plan, context))
        {
            var place = file.Place(problem.Step, problem.Member, remark.Length == 0 ? problem.Item : null);
            file.Bag.Error(place, problem.Message + remark);
        }
    }

    private static Playbook Resolve(PlaybookFile file, MeshCatalogue mesh, bool lenient)
    {
        var steps = file.Playbook.Steps.Select((step, n) =>
        {
            if (step.Tools is null) return step;
            // The validator names unknown tools; only a pattern that stands for nothing would go unseen.
            var patterns = step.Tools.Where(ToolNames.IsPattern).ToList();
            if (!lenient)
                ToolNames.Resolve(patterns, mesh.Tools, new(file.Bag, file.Place(n, "tools", null) as YamlList, "Step", step.Id.Value));
            return step with { Tools = ToolNames.Resolve(step.Tools, mesh.Tools, null, keepUnknown: true) };
        });
        return file.Playbook with { Steps = [.. steps] };
    }
}
