using AgentMesh.Contracts;
using AgentMesh.Orchestration;

namespace AgentMesh.Agents;

/// <summary>Asks the proposers in order of cost and takes the first valid plan. The model gets the validator's errors back, twice.</summary>
/// <param name="cheap">Deterministic proposers, asked once each, in this order.</param>
/// <param name="model">Asked last; null for none.</param>
public sealed class Planner(IReadOnlyList<IPlanProposer> cheap, IPlanProposer? model, PlanningMeans means)
{
    /// <summary>How often a model's invalid plan goes back to it with the errors.</summary>
    public const int Corrections = 2;

    /// <summary>The usual chain: playbook, typed, model.</summary>
    /// <param name="behaviours">The rule tier; null when unknown.</param>
    public static Planner Create(IPlanningModel model, IEnumerable<IRuleBehaviour>? behaviours = null, IPlanExamples? examples = null)
    {
        var means = new PlanningMeans(behaviours, model);
        return new Planner(
            [new PlaybookProposer(means), new TypedProposer(means)], new ModelProposer(model, means, examples ?? NoPlanExamples.Instance), means);
    }

    /// <remarks>Throws on cancellation only.</remarks>
    public async Task<PlanningResult> Make(PlanRequest request, CancellationToken ct)
    {
        List<string> errors = [];
        List<string> passedOver = [];
        var context = means.Apply(request.Context());
        try
        {
            foreach (var proposer in cheap)
            {
                var proposal = await proposer.Propose(request, ct);
                if (Judge(proposer, proposal) is { } plan) return new PlanningResult.Accepted(plan);
                // A playbook that the goal names is followed or not; nothing else takes its place.
                if (request is { Previous: null, Spec.Playbook: not null }) return new PlanningResult.Rejected([.. passedOver.Concat(errors).Distinct(StringComparer.Ordinal)]);
            }

            for (var round = 0; model is not null && round <= Corrections; round++)
            {
                var before = errors.Count;
                var proposal = await model.Propose(request, ct);
                if (Judge(model, proposal) is { } plan) return new PlanningResult.Accepted(plan);
                if (!means.HasModel) break;
                request = request with
                {
                    Errors = proposal.Plan is null ? [proposal.Reason] : [.. errors.Skip(before).Select(e => e[(model.Name.Length + 2)..])],
                    Rejected = proposal.Plan,
                };
            }
        }
        catch (PlanRefusedException e)
        {
            return new PlanningResult.Rejected([e.Message]);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            // A model that cannot be reached, or not be paid for, is one proposer less and takes nobody down.
            errors.Add($"{model?.Name ?? "planner"}: {e.Message}");
        }

        return new PlanningResult.Rejected([.. passedOver.Concat(errors).Distinct(StringComparer.Ordinal)]);

        Plan? Judge(IPlanProposer proposer, Proposal proposal)
        {
            if (proposal.Plan is not { } plan)
            {
                passedOver.Add($"{proposer.Name}: {proposal.Reason}");
                return null;
            }

            var wrong = PlanValidator.Check(plan, context);
            if (wrong.Count == 0)
                return plan with { Why = plan.Why with { Alternatives = [.. plan.Why.Alternatives, .. passedOver, .. errors.Distinct(StringComparer.Ordinal)] } };
            errors.AddRange(wrong.Select(w => $"{proposer.Name}: {w}"));
            return null;
        }
    }
}
