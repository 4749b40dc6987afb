using AgentMesh.Contracts;

namespace AgentMesh.Runtime;

/// <summary>
/// What an attempt has to tell the journal. Facts gather here and travel together with the next one that must be durable,
/// so that a step that never waits costs one append. Safe for an agent that goes on after its attempt was given up.
/// </summary>
public sealed class AttemptRecord(IGoalLine line)
{
    private readonly Lock gate = new();
    private List<GoalEvent> pending = [];
    private Task<string?> handed = Task.FromResult<string?>(null);

    /// <summary>Notes a fact that may travel later.</summary>
    public void Add(GoalEvent fact)
    {
        lock (gate) pending.Add(fact);
    }

    /// <summary>Sends what has gathered, without waiting: called when the attempt is about to wait for something slow.</summary>
    public void HandOver()
    {
        lock (gate)
        {
            if (pending.Count == 0) return;
            var facts = pending;
            pending = [];
            handed = InOrder(handed, facts);
        }
    }

    /// <summary>Sends what has gathered and this fact, and waits until they are durable.</summary>
    /// <exception cref="StaleAttemptException">The goal refused: this attempt no longer counts.</exception>
    public async Task Commit(GoalEvent fact)
    {
        Task<string?> taken;
        lock (gate)
        {
            pending.Add(fact);
            HandOver();
            taken = handed;
        }

        if (await taken is { } refusal) throw new StaleAttemptException(refusal);
    }

    /// <summary>Sends what has gathered and the attempt's end. What was handed over before is durable first.</summary>
    /// <param name="seen">The journal's sequence that the attempt's run set out from.</param>
    /// <exception cref="StaleAttemptException">The goal refused what was handed over before: the end was not sent.</exception>
    public async Task End(GoalEvent end, long seen)
    {
        List<GoalEvent> facts;
        Task<string?> before;
        lock (gate)
        {
            pending.Add(end);
            (facts, pending) = (pending, []);
            before = handed;
        }

        if (await before is { } earlier) throw new StaleAttemptException(earlier);
        await line.End(facts, seen);
    }

    // The goal takes messages in the order they are posted, so the next need not wait for the answer to the one before, except to know of its refusal.
    private async Task<string?> InOrder(Task<string?> before, List<GoalEvent> facts)
    {
        var answer = line.Post(facts);
        return await before ?? await answer;
    }
}
