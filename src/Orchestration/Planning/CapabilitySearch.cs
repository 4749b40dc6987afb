using AgentMesh.Contracts;

namespace AgentMesh.Orchestration;

/// <summary>One way to make a kind.</summary>
internal sealed record Candidate(RoleDescriptor Role, Capability Capability, bool HasEffect, int Cost);

/// <summary>
/// Finds the smallest set of capabilities that leads from what is there to what is wanted. The problem is a shortest path in a hypergraph: exact by
/// branch and bound up to <see cref="MaxNodes"/> tried choices, the best one found so far beyond that.
/// </summary>
internal sealed class CapabilitySearch
{
    private const int MaxNodes = 20_000;

    // A step outweighs everything; among equally long ways the one that repeats no failure, then the one with fewer effects, is better.
    private const int StepCost = 1_000;
    private const int FailureCost = 300;
    private const int EffectCost = 10;

    private readonly Dictionary<string, List<Candidate>> _makers;

    /// <param name="refused">Kinds that nobody may make.</param>
    /// <param name="have">Kinds that are there, to prefer the ways that use most of them.</param>
    public CapabilitySearch(PlanContext context, IReadOnlyCollection<string> refused, IReadOnlyCollection<string> have)
    {
        var failed = context.Previous?.Steps.Where(s => context.Failed.Contains(s.Id)).Select(s => (s.Role, s.Produces)).ToHashSet() ?? [];
        _makers = context.Catalogue.Roles.Values
            .SelectMany(r => r.Capabilities.Select(c => (Role: r, Capability: c)))
            .Where(x => !refused.Contains(x.Capability.Produces) && !x.Capability.Consumes.Contains(x.Capability.Produces, StringComparer.Ordinal))
            .Where(x => x.Capability.Tools.All(t => context.MayUse(t) && x.Role.Tools.Contains(t, StringComparer.Ordinal)))
            .Select(x =>
            {
                var effects = context.Effects(x.Capability.Tools).Count();
                var again = failed.Contains((x.Role.Name, x.Capability.Produces));
                return (Candidate: new Candidate(x.Role, x.Capability, effects > 0, StepCost + (effects * EffectCost) + (again ? FailureCost : 0)), again);
            })
            // An effect that may have happened is not tried again under another key.
            .Where(x => !(x.again && x.Candidate.HasEffect))
            .Select(x => x.Candidate)
            .Where(c => context.HasModel || !context.NeedsModel(Sketch(c)))
            .GroupBy(c => c.Capability.Produces, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.OrderBy(c => c.Cost).ThenByDescending(c => AtHand(c.Capability)).ThenByDescending(c => c.Capability.Tools.Count)
                .ThenBy(c => c.Role.Name, StringComparer.Ordinal).ThenBy(c => c.Capability.Name, StringComparer.Ordinal).ToList(), StringComparer.Ordinal);

        int AtHand(Capability c) => c.Consumes.Concat(c.Uses).Count(have.Contains);
    }

    public IReadOnlyList<Candidate> Makers(string kind) => _makers.TryGetValue(kind, out var makers) ? makers : [];

    /// <returns>The chosen maker of each kind that has to be made; null when there is no way.</returns>
    public IReadOnlyDictionary<string, Candidate>? Find(IEnumerable<string> wants, IReadOnlyCollection<string> have, bool withoutEffects = false)
    {
        var known = have.ToHashSet(StringComparer.Ordinal);
        var open = wants.Where(w => !known.Contains(w)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var (costs, cheapest) = Derive(known, withoutEffects);
        if (open.Exists(w => !costs.ContainsKey(w))) return null;

        var first = Follow(open, known, cheapest);
        var walk = new Walk(this, known, costs, withoutEffects) { Best = first, BestCost = first.Values.Sum(c => c.Cost) };
        walk.Try(open, new(StringComparer.Ordinal), 0);
        return walk.Best;
    }

    /// <summary>Of what a wanted kind needs and nobody has or makes: one kind to name to people.</summary>
    public string? Lacking(string want, IReadOnlyCollection<string> have)
    {
        var (costs, _) = Derive([.. have], withoutEffects: false);
        HashSet<string> seen = new(StringComparer.Ordinal);
        var at = want;
        while (seen.Add(at))
        {
            if (Makers(at) is not [var maker, ..]) return at;
            if (maker.Capability.Consumes.FirstOrDefault(k => !costs.ContainsKey(k)) is not { } next) return null;
            at = next;
        }

        return at;
    }

    // The cost of each kind as if nothing were shared: an upper bound whose choices cannot form a cycle, since costs grow along every edge.
    private (Dictionary<string, double> Costs, Dictionary<string, Candidate> Cheapest) Derive(HashSet<string> known, bool withoutEffects)
    {
        var costs = known.ToDictionary(k => k, _ => 0.0, StringComparer.Ordinal);
        Dictionary<string, Candidate> cheapest = new(StringComparer.Ordinal);
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var maker in _makers.OrderBy(m => m.Key, StringComparer.Ordinal).SelectMany(m => m.Value))
            {
                if (withoutEffects && maker.HasEffect) continue;
                if (!maker.Capability.Consumes.All(costs.ContainsKey)) continue;
                var cost = maker.Cost + maker.Capability.Consumes.Distinct(StringComparer.Ordinal).Sum(k => costs[k]);
                if (costs.TryGetValue(maker.Capability.Produces, out var before) && before <= cost) continue;
                costs[maker.Capability.Produces] = cost;
                cheapest[maker.Capability.Produces] = maker;
                changed = true;
            }
        }

        return (costs, cheapest);
    }

    private static Dictionary<string, Candidate> Follow(IEnumerable<string> wants, HashSet<string> known, Dictionary<string, Candidate> cheapest)
    {
        Dictionary<string, Candidate> chosen = new(StringComparer.Ordinal);
        Stack<string> open = new(wants);
        while (open.TryPop(out var kind))
        {
            if (known.Contains(kind) || !chosen.TryAdd(kind, cheapest[kind])) continue;
            foreach (var consumed in cheapest[kind].Capability.Consumes) open.Push(consumed);
        }

        return chosen;
    }

    private static PlanStep Sketch(Candidate c) => new()
    {
        Id = new StepId(c.Capability.Produces),
        Role = c.Role.Name,
        Instruction = c.Capability.Instruction,
        Produces = c.Capability.Produces,
    };

    private sealed class Walk(CapabilitySearch search, HashSet<string> known, Dictionary<string, double> derivable, bool withoutEffects)
    {
        private int _nodes;

        public required Dictionary<string, Candidate> Best { get; set; }
        public required int BestCost { get; set; }

        public void Try(List<string> open, Dictionary<string, Candidate> chosen, int cost)
        {
            if (++_nodes > MaxNodes || cost + (open.Count * StepCost) >= BestCost) return;
            if (open.Count == 0)
            {
                (Best, BestCost) = (new(chosen, StringComparer.Ordinal), cost);
                return;
            }

            var kind = open[0];
            foreach (var maker in search.Makers(kind))
            {
                if (withoutEffects && maker.HasEffect) continue;
                var needs = maker.Capability.Consumes;
                if (!needs.All(derivable.ContainsKey) || needs.Any(n => Reaches(n, kind, chosen))) continue;
                chosen[kind] = maker;
                Try([.. open.Skip(1), .. needs.Where(n => !known.Contains(n) && !chosen.ContainsKey(n) && !open.Contains(n)).Distinct(StringComparer.Ordinal)], chosen, cost + maker.Cost);
                chosen.Remove(kind);
            }
        }

        private static bool Reaches(string from, string to, Dictionary<string, Candidate> chosen)
        {
            Stack<string> open = new([from]);
            HashSet<string> seen = new(StringComparer.Ordinal);
            while (open.TryPop(out var at))
            {
                if (at == to) return true;
                if (!seen.Add(at) || !chosen.TryGetValue(at, out var maker)) continue;
                foreach (var next in maker.Capability.Consumes) open.Push(next);
            }

            return false;
        }
    }
}
