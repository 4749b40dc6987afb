using AgentMesh.Contracts;

namespace AgentMesh.Grains.Engine;

/// <summary>The runs of attempts on one silo that have parts of their goals' budgets, for an orchestrator that did not see them get these.</summary>
internal sealed class BudgetRuns(TimeProvider time)
{
    // The end of a run and what it brought to the goal may cross an orchestrator's question.
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly Dictionary<GoalId, List<AttemptBudget>> runs = [];
    private readonly Queue<(DateTimeOffset At, GoalId Goal, AttemptBudget Run)> over = new();

    public void Enter(GoalId goal, AttemptBudget run)
    {
        lock (gate)
        {
            Forget();
            if (!runs.TryGetValue(goal, out var here)) runs.Add(goal, here = []);
            here.Add(run);
        }
    }

    public void Leave(GoalId goal, AttemptBudget run)
    {
        lock (gate) over.Enqueue((time.GetUtcNow() + Memory, goal, run));
    }

    /// <summary>What the goal's runs here have reserved.</summary>
    public IReadOnlyList<ReservedCall> Tell(GoalId goal)
    {
        lock (gate)
        {
            Forget();
            return runs.TryGetValue(goal, out var here) ? [.. here.SelectMany(run => run.Tell())] : [];
        }
    }

    private void Forget()
    {
        while (over.TryPeek(out var first) && first.At <= time.GetUtcNow())
        {
            over.Dequeue();
            if (!runs.TryGetValue(first.Goal, out var here)) continue;
            here.Remove(first.Run);
            if (here.Count == 0) runs.Remove(first.Goal);
        }
    }
}
