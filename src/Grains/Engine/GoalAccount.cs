using System.Collections.Concurrent;
using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Runtime;

namespace AgentMesh.Grains.Engine;

/// <summary>
/// One goal's budget at its orchestrator, from which attempts on every silo reserve. A reservation that nobody settles, because the attempt's silo
/// died, stays reserved at its most: the call may have been made. After a reload the budget begins with what the journal has; a call that was
/// reserved before counts when it is settled.
/// </summary>
internal sealed class GoalAccount(GoalBudget budget)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, GoalBudget.Reservation> open = new(StringComparer.Ordinal);

    public long? TokensLeft => budget.TokensLeft;

    /// <returns>Null when it is reserved; else why not.</returns>
    public string? Reserve(string call, Usage most)
    {
        lock (gate)
        {
            if (open.ContainsKey(call)) return null;
            try
            {
                open.Add(call, budget.Reserve(most));
                return null;
            }
            catch (BudgetExceededException e)
            {
                return e.Message;
            }
        }
    }

    /// <summary>Once for each call.</summary>
    public void Settle(string call, Usage actual)
    {
        lock (gate)
        {
            if (open.Remove(call, out var reservation)) reservation.Settle(actual);
            else budget.Spend(actual);
        }
    }
}

/// <summary>The accounts of the goals that move on one silo.</summary>
internal sealed class GoalAccounts
{
    private readonly ConcurrentDictionary<GoalId, GoalAccount> accounts = new();

    public GoalAccount? Find(GoalId goal) => accounts.GetValueOrDefault(goal);

    /// <summary>Takes the place of an earlier one, whose goal was loaded anew.</summary>
    public void Open(GoalId goal, GoalAccount account) => accounts[goal] = account;

    public void Close(GoalId goal, GoalAccount account) => accounts.TryRemove(new(goal, account));
}

/// <summary>A goal's budget as one run of an attempt reaches it: here, or at the orchestrator's silo.</summary>
/// <param name="run">Names this run, uniquely in the cluster.</param>
internal sealed class AttemptBudget(GoalHosting hosting, GoalId goal, string run) : ICallBudget
{
    private Task settling = Task.CompletedTask;
    private long calls;

    public async ValueTask<long?> TokensLeft(CancellationToken ct)
    {
        await settling;
        return hosting.Accounts.Find(goal) is { } here ? here.TokensLeft : await hosting.Ask(goal, o => o.TokensLeft());
    }

    public async ValueTask<ICallReservation> Reserve(Usage most, CancellationToken ct)
    {
        // What the calls before have left over is there for this one.
        await settling;
        var call = $"{run}/{Interlocked.Increment(ref calls)}";
        var refusal = hosting.Accounts.Find(goal) is { } here ? here.Reserve(call, most) : await hosting.Ask(goal, o => o.Reserve(call, most));
        return refusal is null ? new Reservation(this, call) : throw new BudgetExceededException(refusal);
    }

    private void Settle(string call, Usage actual)
    {
        if (hosting.Accounts.Find(goal) is { } here) here.Settle(call, actual);
        else settling = Settled(settling, call, actual);
    }

    private async Task Settled(Task before, string call, Usage actual)
    {
        await before;
        try
        {
            await hosting.Ask(goal, async o =>
            {
                await o.Settle(call, actual);
                return true;
            });
        }
        catch (JournalUnavailableException)
        {
            // It stays reserved at its most: too much is counted rather than too little.
        }
    }

    private sealed class Reservation(AttemptBudget budget, string call) : ICallReservation
    {
        private int settled;

        public void Settle(Usage actual)
        {
            if (Interlocked.Exchange(ref settled, 1) == 0) budget.Settle(call, actual);
        }

        public void Dispose() => Settle(Usage.None);
    }
}
