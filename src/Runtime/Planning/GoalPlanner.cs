using AgentMesh.Agents;
using AgentMesh.Contracts;
using Microsoft.Extensions.AI;

namespace AgentMesh.Runtime;

/// <summary>Plans by playbook, by types, then by model, with the model's calls held to the goal's budget.</summary>
public sealed class GoalPlanner(
    IReadOnlyList<IRuleBehaviour> behaviours, IModels models, RuntimeOptions options, TimeProvider time, IPlanExamples? examples = null) : IPlanner
{
    public async Task<PlanMade> Plan(PlanRequest request, GoalBudget budget, CancellationToken ct)
    {
        var model = new PlanningModel(new MeteredModels(models, request.Spec.Tenant, budget, options, time));
        var result = await Planner.Create(model, behaviours, examples).Make(request, ct);
        var usage = model.Spent.ModelCalls > 0 ? model.Spent : null;
        return result switch
        {
            PlanningResult.Accepted accepted => new PlanMade(accepted.Plan, [], usage),
            PlanningResult.Rejected rejected => new PlanMade(null, rejected.Errors, usage),
            _ => throw new InvalidOperationException($"The planner ended with {result.GetType().Name}, which nobody handles."),
        };
    }

    public Plan? PlanAtOnce(PlanRequest request)
    {
        // Only the proposers that compute; a goal that none of them can plan takes the long way, where all are asked.
        var means = new PlanningMeans(behaviours, new PlanningModel(new MeteredModels(models, request.Spec.Tenant, Free, options, time)));
        var making = new Planner([new PlaybookProposer(means), new TypedProposer(means)], null, means).Make(request, CancellationToken.None);
        return making.IsCompletedSuccessfully && making.Result is PlanningResult.Accepted accepted ? accepted.Plan : null;
    }

    // Nothing is asked on this way; the model only counts as a means that the plan's steps may need.
    private static readonly GoalBudget Free = new(Budget.Unlimited, Usage.None);

    private sealed class PlanningModel(MeteredModels models) : IPlanningModel
    {
        public Usage Spent { get; private set; } = Usage.None;

        public string? Name => models.For(ModelNeed.Large);

        public async Task<ChatResponse> Ask(PlanRequest request, IReadOnlyList<ChatMessage> messages, ChatOptions options, CancellationToken ct)
        {
            var (response, usage) = await models.Ask(Name!, null, messages, options, static () => { }, ct);
            Spent += usage;
            return response;
        }
    }
}
