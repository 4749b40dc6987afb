using AgentMesh.Contracts;

namespace AgentMesh.Orchestration;

/// <summary>
/// Plans by types alone: each capability says which kinds it consumes, uses and produces, and the planner looks for the fewest steps from what the
/// goal has to what it wants. What a step merely uses is made as well where that changes nothing in the world. No model, no randomness: the same
/// goal gets the same plan.
/// </summary>
public static class TypedPlanner
{
    /// <summary>
    /// What the goal is to deliver: what <c>--want</c> says; else, for a further version, what the plan in force delivers; else what the text asks for.
    /// What messages ask for comes on top, what the text or a message refuses is left out.
    /// </summary>
    public static (IReadOnlyList<string> Wanted, IReadOnlyList<string> Refused) Wants(PlanContext context)
    {
        var (asked, refused) = new GoalText(context.Spec.Text).Kinds(context.Catalogue);
        var told = context.Messages.Select(m => new GoalText(m).Kinds(context.Catalogue)).ToList();
        var wanted = context.Spec.Wants is { Count: > 0 } explicitly ? explicitly : Delivered(context) is { Count: > 0 } delivered ? delivered : asked;
        var never = refused.Concat(told.SelectMany(t => t.Refused)).Except(told.SelectMany(t => t.Asked), StringComparer.Ordinal)
            .Except(context.Spec.Wants, StringComparer.Ordinal).ToList();
        return ([.. wanted.Concat(told.SelectMany(t => t.Asked)).Distinct(StringComparer.Ordinal).Except(never, StringComparer.Ordinal)], never);
    }

    /// <returns>A plan, or null with the reason in one sentence.</returns>
    public static Plan? Plan(PlanContext context, out string reason)
    {
        var (wants, refused) = Wants(context);
        if (wants.Count == 0)
        {
            reason = "The goal's text asks for no known artifact kind; say what is wanted with --want.";
            return null;
        }

        var draft = new PlanDraft(context);
        foreach (var step in PlanRemainder.Of(context)) draft.Keep(step);
        var have = draft.Kinds();
        var search = new CapabilitySearch(context, refused, have);
        if (search.Find(wants, have) is not { } found)
        {
            reason = Unreachable(context, search, wants, have);
            return null;
        }

        Dictionary<string, Candidate> chosen = new(found, StringComparer.Ordinal);
        PullIn(search, chosen, have);
        draft.Add(chosen);

        var made = chosen.Keys.Order(StringComparer.Ordinal).ToList();
        reason = made.Count == 0
            ? $"All that is wanted ({string.Join(", ", wants)}) is there or under way."
            : $"The fewest steps to {string.Join(", ", wants)} from {(have.Count == 0 ? "the goal's text" : string.Join(", ", have.Order(StringComparer.Ordinal)))}: make {string.Join(", ", made)}.";
        return new Plan
        {
            Version = context.Version,
            Steps = draft.Steps,
            Deliver = [.. wants.SelectMany(w => draft.Of(w)).Distinct()],
            Proposer = "typed",
            Why = new Rationale(reason, [.. made.SelectMany(k => Others(search, chosen[k]))], [.. context.Available.Select(a => a.Value)]),
        };
    }

    /// <summary>
    /// Completes a plan that somebody drew up: resolves inputs that name a kind, inserts steps for kinds that are needed and missing, and delivers what
    /// is wanted. What cannot be repaired stays, for the validator to name.
    /// </summary>
    public static Plan Repair(Plan plan, PlanContext context) => PlanRepair.Repair(plan, context);

    // One level: what a needed step uses, with whatever that takes, as long as nothing in the world changes by it.
    internal static void PullIn(CapabilitySearch search, Dictionary<string, Candidate> chosen, IReadOnlyCollection<string> have)
    {
        foreach (var used in chosen.OrderBy(c => c.Key, StringComparer.Ordinal).SelectMany(c => c.Value.Capability.Uses).Distinct(StringComparer.Ordinal).ToList())
        {
            if (chosen.ContainsKey(used) || have.Contains(used)) continue;
            if (search.Find([used], [.. have], withoutEffects: true) is not { } extra) continue;
            // A helper that itself needs what it helps would close a circle; it is left out.
            if (extra.Values.Any(e => e.Capability.Consumes.Any(chosen.ContainsKey))) continue;
            foreach (var (kind, maker) in extra) chosen.TryAdd(kind, maker);
        }
    }

    private static IReadOnlyList<string> Delivered(PlanContext context) => context.Previous is { } previous
        ? [.. previous.Deliver.Select(d => context.KindOf(d, previous.Steps)).OfType<string>().Distinct(StringComparer.Ordinal)] : [];

    private static string Unreachable(PlanContext context, CapabilitySearch search, IReadOnlyList<string> wants, IReadOnlyCollection<string> have)
    {
        var want = wants.FirstOrDefault(w => search.Find([w], have) is null) ?? wants[0];
        if (!context.Catalogue.Kinds.ContainsKey(want))
            return $"'{want}' is no known artifact kind{Spelling.Hint(want, context.Catalogue.Kinds.Keys)}";
        var lacking = search.Lacking(want, have);
        return lacking is null || lacking == want
            ? $"No role that this goal may use makes '{want}'."
            : $"'{want}' needs '{lacking}', which the goal does not have and no role that it may use makes.";
    }

    private static IEnumerable<string> Others(CapabilitySearch search, Candidate chosen) => search.Makers(chosen.Capability.Produces)
        .Where(m => m != chosen).Take(3)
        .Select(m => $"{m.Role.Name}/{m.Capability.Name} for {m.Capability.Produces}: needs {(m.Capability.Consumes.Count == 0 ? "nothing" : string.Join(", ", m.Capability.Consumes))}");
}
