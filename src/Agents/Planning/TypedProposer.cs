using AgentMesh.Orchestration;

namespace AgentMesh.Agents;

/// <summary>Proposes what <see cref="TypedPlanner"/> finds.</summary>
public sealed class TypedProposer(PlanningMeans means) : IPlanProposer
{
    public string Name => "typed";

    public ValueTask<Proposal> Propose(PlanRequest request, CancellationToken ct)
    {
        var plan = TypedPlanner.Plan(means.Apply(request.Context()), out var reason);
        return ValueTask.FromResult(new Proposal(plan, reason));
    }
}
