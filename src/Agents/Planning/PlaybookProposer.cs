using System.Globalization;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;

namespace AgentMesh.Agents;

/// <summary>
/// Follows the playbook that the goal names, or the one whose triggers its text matches best. A playbook is not chosen when the goal lacks what it
/// requires, when it does not make what the goal asks for, or when it would change something in the world that the goal does not ask for.
/// </summary>
public sealed class PlaybookProposer(PlanningMeans means) : IPlanProposer
{
    /// <summary>Each trigger found counts 1, and half as much again for each further word in it.</summary>
    private const double Threshold = 1.0;

    public string Name => "playbook";

    public ValueTask<Proposal> Propose(PlanRequest request, CancellationToken ct) => ValueTask.FromResult(Propose(request));

    private Proposal Propose(PlanRequest request)
    {
        if (request.IsAfterFailure()) return new(null, "A playbook has no second way around a failed step.");
        if (request.Previous is { } previous)
        {
            return previous.Proposer.StartsWith("playbook:", StringComparison.Ordinal)
                ? GoOn(request, previous) : new(null, "The plan in force did not come from a playbook.");
        }

        return request.Spec.Playbook is { } named ? Follow(request, named) : Match(request);
    }

    private static Proposal Follow(PlanRequest request, string named)
    {
        if (!request.Catalogue.Playbooks.TryGetValue(named, out var playbook))
            throw new PlanRefusedException($"There is no playbook '{named}'{Spelling.Hint(named, request.Catalogue.Playbooks.Keys)}");
        if (Missing(playbook, request) is { Count: > 0 } missing)
            throw new PlanRefusedException($"Playbook '{named}' requires an artifact of kind '{string.Join("' and '", missing)}'; attach one.");
        var why = new Rationale($"The goal names playbook '{named}'.", [], Evidence(request));
        return new(PlaybookApplication.Apply(playbook, request.Context(), why), why.Reason);
    }

    private static Proposal Match(PlanRequest request)
    {
        if (request.Catalogue.Playbooks.Count == 0) return new(null, "The mesh has no playbooks.");
        var text = new GoalText(string.Join('\n', [request.Spec.Text, .. request.Messages]));
        var considered = request.Catalogue.Playbooks.Values
            .Select(p => (Playbook: p, Triggers: p.Triggers.Where(text.Has).ToList()))
            .Select(p => (p.Playbook, p.Triggers, Score: p.Triggers.Sum(t => 1 + ((t.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length - 1) / 2.0))))
            .Select(p => (p.Playbook, p.Triggers, p.Score, Objection: Objection(p.Playbook, p.Score, request)))
            .OrderBy(p => p.Objection is not null).ThenByDescending(p => p.Score)
            .ThenByDescending(p => p.Playbook.Requires.Count).ThenBy(p => p.Playbook.Name, StringComparer.Ordinal)
            .ToList();

        var best = considered[0];
        if (best.Objection is not null)
            return new(null, $"No playbook fits: {string.Join("; ", considered.Select(c => $"{c.Playbook.Name} {c.Objection}"))}.");

        var others = considered.Skip(1).Select(c => $"playbook {c.Playbook.Name}: {c.Objection ?? $"matches less well ({Number(c.Score)} against {Number(best.Score)})"}");
        var reason = $"Playbook '{best.Playbook.Name}' matches the goal's text by {string.Join(", ", best.Triggers.Select(t => $"'{t}'"))}"
            + (best.Playbook.Requires.Count == 0 ? "." : $", and the {string.Join(", ", best.Playbook.Requires)} it requires is there.");
        return new(PlaybookApplication.Apply(best.Playbook, request.Context(), new Rationale(reason, [.. others], Evidence(request))), reason);
    }

    private static string? Objection(Playbook playbook, double score, PlanRequest request)
    {
        if (score < Threshold) return "has no trigger in the goal's text";
        if (Missing(playbook, request) is { Count: > 0 } missing) return $"requires {string.Join(", ", missing)}, which is not attached";

        var context = request.Context();
        var (wants, refused) = TypedPlanner.Wants(context);
        var made = playbook.Steps.Select(s => s.Produces).ToHashSet(StringComparer.Ordinal);
        if (made.FirstOrDefault(refused.Contains) is { } unwanted) return $"makes {unwanted}, which the goal refuses";
        if (wants.Count == 0) return null;
        if (wants.FirstOrDefault(w => !made.Contains(w) && !request.Spec.Inputs.Any(i => i.Kind == w)) is { } lacking) return $"makes no {lacking}";
        var plan = PlaybookApplication.Apply(playbook, context, Rationale.Because(""));
        return plan.Steps.FirstOrDefault(s => !wants.Contains(s.Produces) && context.Effects(s).Any()) is { } effect
            ? $"makes {effect.Produces}, which changes something in the world and is not asked for" : null;
    }

    // New information: what can still run goes on, and what the messages ask for is added.
    private Proposal GoOn(PlanRequest request, Plan previous)
    {
        var reason = $"The plan goes on: {request.Why?.Reason ?? "nothing in it failed."}";
        if (TypedPlanner.Plan(means.Apply(request.Context()), out var obstacle) is not { } plan) return new(null, obstacle);
        return new(plan with { Proposer = previous.Proposer, Why = plan.Why with { Reason = reason } }, reason);
    }

    private static IReadOnlyList<string> Missing(Playbook playbook, PlanRequest request) =>
        [.. playbook.Requires.Where(k => !request.Spec.Inputs.Any(i => i.Kind == k))];

    private static IReadOnlyList<string> Evidence(PlanRequest request) => [.. request.Spec.Inputs.Select(i => i.Id.Value)];

    private static string Number(double score) => score.ToString("0.#", CultureInfo.InvariantCulture);
}
