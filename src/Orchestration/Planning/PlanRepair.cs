using AgentMesh.Contracts;

namespace AgentMesh.Orchestration;

/// <summary>See <see cref="TypedPlanner.Repair"/>.</summary>
internal static class PlanRepair
{
    public static Plan Repair(Plan plan, PlanContext context)
    {
        if (plan.Steps.Count > PlanStructure.MaxSteps || plan.Steps.Select(s => s.Id).Distinct().Count() != plan.Steps.Count) return plan;

        var draft = new PlanDraft(context);
        foreach (var step in plan.Steps) draft.Keep(step);
        foreach (var step in plan.Steps)
        {
            if (context.IsDone(step.Id)) continue;
            ResolveInputs(draft, step.Id, context);
            FeedRole(draft, step.Id, context);
        }

        var deliver = Deliver(draft, plan, context);
        return plan with { Steps = Ordered(draft.Steps), Deliver = deliver };
    }

    // An input may name a kind instead of an artifact: that is how people and models write.
    private static void ResolveInputs(PlanDraft draft, StepId id, PlanContext context)
    {
        var step = draft.Steps.First(s => s.Id == id);
        List<ArtifactId> inputs = [];
        foreach (var input in step.Inputs)
        {
            var known = context.Available.Contains(input) || draft.Steps.Any(s => s.Id.Artifact == input);
            if (known || input.Value is null || !context.Catalogue.Kinds.ContainsKey(input.Value)) inputs.Add(input);
            else if (Supply(draft, input.Value, id, context) is { Count: > 0 } supplied) inputs.AddRange(supplied);
            else inputs.Add(input);
        }

        draft.Replace(step with { Inputs = [.. inputs.Distinct()] });
    }

    private static void FeedRole(PlanDraft draft, StepId id, PlanContext context)
    {
        var step = draft.Steps.First(s => s.Id == id);
        if (!context.Catalogue.Roles.TryGetValue(step.Role, out var role)) return;
        var given = step.Inputs.Select(i => context.KindOf(i, draft.Steps)).ToHashSet(StringComparer.Ordinal);
        if (role.Capabilities.Where(c => c.Produces == step.Produces).MinBy(Missing) is not { } easiest || Missing(easiest) == 0) return;

        var inputs = step.Inputs.ToList();
        foreach (var kind in easiest.Consumes.Where(k => !given.Contains(k)))
            inputs.AddRange(Supply(draft, kind, id, context));
        draft.Replace(step with { Inputs = [.. inputs.Distinct()] });

        int Missing(Capability c) => c.Consumes.Count(k => !given.Contains(k));
    }

    private static IReadOnlyList<ArtifactId> Deliver(PlanDraft draft, Plan plan, PlanContext context)
    {
        List<ArtifactId> deliver = [];
        foreach (var id in plan.Deliver)
        {
            var known = context.Available.Contains(id) || draft.Steps.Any(s => s.Id.Artifact == id);
            if (known || id.Value is null || draft.Of(id.Value) is not { Count: > 0 } ofKind) deliver.Add(id);
            else deliver.AddRange(ofKind);
        }

        foreach (var want in context.Spec.Wants)
            if (!deliver.Exists(d => context.KindOf(d, draft.Steps) == want)) deliver.AddRange(Supply(draft, want, before: null, context));

        if (deliver.Count == 0)
        {
            var read = draft.Steps.SelectMany(s => s.Inputs).ToHashSet();
            deliver.AddRange(draft.Steps.Select(s => s.Id.Artifact).Where(a => !read.Contains(a)));
        }

        return [.. deliver.Distinct()];
    }

    // What there is of the kind, made first if need be. Empty when there is no way.
    private static IReadOnlyList<ArtifactId> Supply(PlanDraft draft, string kind, StepId? before, PlanContext context)
    {
        if (draft.Of(kind, before) is { Count: > 0 } there) return there;
        var have = draft.Kinds(before);
        var refused = TypedPlanner.Wants(context).Refused;
        if (new CapabilitySearch(context, refused, have).Find([kind], have) is not { } chosen) return [];
        draft.Add(chosen, before);
        return draft.Of(kind, before);
    }

    // Makers before takers, otherwise as written. Steps in a cycle stay at the end, for the validator to name.
    private static IReadOnlyList<PlanStep> Ordered(IReadOnlyList<PlanStep> steps)
    {
        List<PlanStep> ordered = [];
        List<PlanStep> left = [.. steps];
        while (left.Count > 0)
        {
            var waiting = left.Select(s => s.Id.Artifact).ToHashSet();
            var next = left.Find(s => !s.Inputs.Any(waiting.Contains));
            if (next is null) break;
            ordered.Add(next);
            left.Remove(next);
        }

        return [.. ordered, .. left];
    }
}
