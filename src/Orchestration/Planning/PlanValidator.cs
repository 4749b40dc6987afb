using AgentMesh.Contracts;

namespace AgentMesh.Orchestration;

/// <summary>The one check that every plan passes before it comes into force, whoever proposed it.</summary>
public static class PlanValidator
{
    /// <summary>Ids, edges, conditions and delivery: with these right, no plan can leave a goal stuck.</summary>
    /// <param name="available">Artifacts that are there already: submitted, or made by completed steps.</param>
    /// <returns>One sentence for each error; empty when the plan is sound.</returns>
    public static IReadOnlyList<string> Structure(Plan plan, IEnumerable<ArtifactId> available) =>
        [.. PlanStructure.Problems(plan, available).Select(p => p.Message)];

    /// <summary>Structure, and everything that the mesh, the goal and its history have to say.</summary>
    /// <returns>One sentence for each error; empty when the plan may come into force.</returns>
    public static IReadOnlyList<string> Check(Plan plan, PlanContext context) => [.. Problems(plan, context).Select(p => p.Message)];

    /// <summary>The same as <see cref="Check"/>, each error with its place.</summary>
    public static IReadOnlyList<PlanProblem> Problems(Plan plan, PlanContext context)
    {
        List<PlanProblem> problems = [.. PlanStructure.Problems(plan, context.Available)];
        if (plan.Steps.Count > PlanStructure.MaxSteps) return problems;

        for (var i = 0; i < plan.Steps.Count; i++)
        {
            // What is done is done: it only has to be what it was.
            problems.AddRange(History(plan.Steps[i], i, context));
            if (!context.IsDone(plan.Steps[i].Id)) problems.AddRange(Step(plan, plan.Steps[i], i, context));
        }

        problems.AddRange(Delivery(plan, context));
        problems.AddRange(Limits(plan, context));
        return problems;
    }

    private static IEnumerable<PlanProblem> Step(Plan plan, PlanStep step, int at, PlanContext context)
    {
        var mesh = context.Catalogue;
        if (step.Depth > context.Spec.Constraints.MaxDepth)
            yield return new(at, "depth", null, $"Step '{step.Id}' is {step.Depth} agents deep; the goal allows {context.Spec.Constraints.MaxDepth}.");
        if (step.Retry.MaxAttempts < 1)
            yield return new(at, "retry", null, $"Step '{step.Id}' is never tried; allow at least one attempt.");
        if (step.Timeout is { } timeout && timeout <= TimeSpan.Zero)
            yield return new(at, "timeout", null, $"Step '{step.Id}' gets no time; give it a timeout above zero or none.");

        if (!mesh.Kinds.ContainsKey(step.Produces))
            yield return new(at, "produces", null, $"Step '{step.Id}' makes '{step.Produces}', which is no known artifact kind{Spelling.Hint(step.Produces, mesh.Kinds.Keys)}");

        if (!mesh.Roles.TryGetValue(step.Role, out var role))
        {
            yield return new(at, "role", null, $"Step '{step.Id}' is for role '{step.Role}', which does not exist{Spelling.Hint(step.Role, mesh.Roles.Keys)}");
            yield break;
        }

        var toolsAreRight = true;
        for (var n = 0; n < (step.Tools?.Count ?? 0); n++)
        {
            if (Tool(step, step.Tools![n], role, context) is not { } wrong) continue;
            toolsAreRight = false;
            yield return new(at, "tools", n, wrong);
        }

        var able = role.Capabilities.Where(c => c.Produces == step.Produces).ToList();
        if (able.Count == 0)
        {
            var makes = role.Capabilities.Select(c => c.Produces).Distinct(StringComparer.Ordinal).ToList();
            if (mesh.Kinds.ContainsKey(step.Produces))
                yield return new(at, "produces", null, $"Step '{step.Id}' wants '{step.Produces}' from role '{role.Name}', which makes {(makes.Count == 0 ? "nothing" : string.Join(", ", makes))}.");
            yield break;
        }

        if (Needs(plan, step, role, able, context) is { } lacking && (toolsAreRight || lacking.Member != "tools")) yield return new(at, lacking.Member, null, lacking.Message);
    }

    private static string? Tool(PlanStep step, string tool, RoleDescriptor role, PlanContext context)
    {
        if (context.Spec.Constraints.Tools is { } allowed && !allowed.Contains(tool, StringComparer.Ordinal))
            return $"Step '{step.Id}' names tool '{tool}', which this goal may not use.";
        if (!context.Catalogue.Tools.ContainsKey(tool))
            return $"Step '{step.Id}' names tool '{tool}', which does not exist{Spelling.Hint(tool, context.Catalogue.Tools.Keys)}";
        return role.Tools.Contains(tool, StringComparer.Ordinal)
            ? null : $"Step '{step.Id}' names tool '{tool}', which role '{role.Name}' may not use.";
    }

    // One of the role's ways to make the kind must find its inputs and at least one of its tools.
    private static (string Member, string Message)? Needs(
        Plan plan, PlanStep step, RoleDescriptor role, IReadOnlyList<Capability> able, PlanContext context)
    {
        var given = step.Inputs.Select(i => context.KindOf(i, plan.Steps)).ToHashSet(StringComparer.Ordinal);
        // An input that nothing makes is an error already; its kind is anyone's guess.
        if (given.Contains(null)) return null;
        var fed = able.Where(c => c.Consumes.All(given.Contains)).ToList();
        if (fed.Count == 0)
        {
            var missing = able.Select(c => c.Consumes.Where(k => !given.Contains(k)).ToList()).MinBy(m => m.Count)!;
            return ("inputs", $"Step '{step.Id}' lacks an input of kind '{string.Join("' and '", missing)}', which role '{role.Name}' needs to make '{step.Produces}'.");
        }

        bool Gets(string tool) => context.MayUse(tool) && role.Tools.Contains(tool, StringComparer.Ordinal)
            && (step.Tools is null || step.Tools.Contains(tool, StringComparer.Ordinal));
        return fed.Any(c => c.Tools.Count == 0 || c.Tools.Any(Gets)) ? null
            : ("tools", $"Step '{step.Id}' may use none of the tools that role '{role.Name}' makes '{step.Produces}' with: {string.Join(", ", fed[0].Tools)}.");
    }

    private static IEnumerable<PlanProblem> History(PlanStep step, int at, PlanContext context)
    {
        if (context.Spec.Inputs.Any(a => a.Id == step.Id.Artifact))
            yield return new(at, "id", null, $"Step '{step.Id}' has the id of a submitted artifact; give it another.");
        if (context.IsSpent(step.Id))
            yield return new(at, "id", null, $"Step '{step.Id}' has ended without a result; plan its work anew under another id.");

        var before = context.Previous?.Steps.FirstOrDefault(s => s.Id == step.Id);
        if (before is null && context.IsDone(step.Id))
            yield return new(at, "id", null, $"Step '{step.Id}' has the id of one that is done; give it another.");
        if (before is not null && !context.IsSpent(step.Id) && !PlanRemainder.SameWork(before, step))
            yield return new(at, "id", null, $"Step '{step.Id}' was other work in version {context.Previous!.Version}; give the new work another id.");

        if (before is null && context.Previous is { } previous && context.Effects(step).Any())
        {
            var failed = previous.Steps.FirstOrDefault(s => context.Failed.Contains(s.Id) && s.Role == step.Role && s.Produces == step.Produces);
            if (failed is not null)
                yield return new(at, "id", null, $"Step '{step.Id}' would do again what '{failed.Id}' failed at, and its effect may have happened; a person must decide that.");
        }
    }

    private static IEnumerable<PlanProblem> Delivery(Plan plan, PlanContext context)
    {
        if (plan.Deliver.Count == 0) yield return new(null, "deliver", null, "The plan delivers nothing; name the steps whose artifacts are the result.");
        var kinds = plan.Deliver.Select(d => context.KindOf(d, plan.Steps)).ToHashSet(StringComparer.Ordinal);
        foreach (var wanted in context.Spec.Wants.Where(w => !kinds.Contains(w)))
        {
            yield return context.Catalogue.Kinds.ContainsKey(wanted)
                ? new(null, "deliver", null, $"The goal wants '{wanted}', which the plan does not deliver.")
                : new(null, "deliver", null, $"The goal wants '{wanted}', which is no known artifact kind{Spelling.Hint(wanted, context.Catalogue.Kinds.Keys)}");
        }
    }

    private static IEnumerable<PlanProblem> Limits(Plan plan, PlanContext context)
    {
        var ids = plan.Steps.Select(s => s.Id)
            .Concat(context.Previous?.Steps.Select(s => s.Id) ?? []).Concat(context.Failed).Concat(context.Skipped).ToHashSet();
        var limits = context.Spec.Constraints;
        if (ids.Count > limits.MaxSteps)
            yield return new(null, "steps", null, $"The goal would have {ids.Count} steps in all; its limit is {limits.MaxSteps}.");

        var ahead = plan.Steps.Where(s => !context.IsDone(s.Id)).ToList();
        var byModel = ahead.Where(context.NeedsModel).ToList();
        if (byModel.Count > 0 && !context.HasModel)
            yield return new(null, "steps", null, $"Step '{byModel[0].Id}' needs a model (role '{byModel[0].Role}' has no rules for '{byModel[0].Produces}') and none is configured.");
        else if (limits.Budget.ModelCalls is { } calls && byModel.Count > calls)
            yield return new(null, "steps", null, $"The plan needs at least {byModel.Count} model calls; the goal's budget allows {calls}.");

        var acting = ahead.Count(s => context.Effects(s).Any());
        if (limits.Budget.ToolCalls is { } tools && acting > tools)
            yield return new(null, "steps", null, $"The plan needs at least {acting} tool calls; the goal's budget allows {tools}.");
    }
}
