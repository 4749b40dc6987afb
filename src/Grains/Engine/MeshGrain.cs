using AgentMesh.Contracts;
using AgentMesh.GrainInterfaces;
using AgentMesh.Runtime;
using Orleans.Concurrency;

namespace AgentMesh.Grains.Engine;

/// <summary>Serves what is not about one goal, on whichever silo was called.</summary>
[StatelessWorker, Reentrant]
internal sealed class MeshGrain(IGrainFactory grains, IJournal journal, IGoalIds ids, TimeProvider time) : Grain, IMeshGrain
{
    public async Task<GoalId> Submit(GoalSpec spec, CancellationToken ct = default)
    {
        var goal = ids.Next();
        try
        {
            await grains.GetGrain<IGoalGrain>(goal.Value).SubmitNew(spec, ct);
        }
        catch (Exception e) when (e is OrleansException or TimeoutException or MeshException { Code: "not-owner" } || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            // It may be in the journal already: from now on it is a submit of a known id.
            await new MeshClient(grains, time).Submit(spec, goal, ct);
        }

        return goal;
    }

    public async Task<IReadOnlyList<GoalSummary>> List(GoalQuery query, CancellationToken ct = default)
    {
        try
        {
            return await journal.List(query, ct);
        }
        catch (JournalUnavailableException e)
        {
            throw new MeshException("journal-unavailable", e.Message);
        }
    }
}
