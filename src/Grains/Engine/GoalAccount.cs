using System.Collections.Concurrent;
using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;
using AgentMesh.Runtime;

namespace AgentMesh.Grains.Engine;

/// <summary>
/// One goal's budget at its orchestrator, from which attempts on every silo reserve. A reservation that nobody settles, because the attempt's silo
/// died, stays reserved at its most: the call may have been made. The account of a goal that was loaded anew begins with what the journal has, and
/// reserves nothing before the silos have told what the goal's attempts got from the account before it.
/// </summary>
internal sealed class GoalAccount
{
    private readonly Lock gate = new();
    private readonly GoalBudget budget;
    private readonly Dictionary<string, GoalBudget.Reservation> open = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> told = new(StringComparer.Ordinal);
    private readonly Task begun;

    /// <param name="state">The goal as the budget began with it.</param>
    /// <param name="before">Calls that were reserved from the account before this one; null where there was none.</param>
    public GoalAccount(GoalBudget budget, GoalState state, Task<IReadOnlyList<ReservedCall>>? before)
    {
        this.budget = budget;
        begun = before is null ? Task.CompletedTask : Begin(state, before);
    }

    public async ValueTask<long?> TokensLeft()
    {
        await begun;
        return budget.TokensLeft;
    }

    /// <returns>Null when it is reserved; else why not.</returns>
    public async ValueTask<string?> Reserve(string call, Usage most)
    {
        await begun;
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
    public async ValueTask Settle(string call, Usage actual)
    {
        await begun;
        lock (gate)
        {
            var isKnown = told.TryGetValue(call, out var isClaimed);
            if (open.Remove(call, out var reservation)) reservation.Settle(isClaimed ? actual with { ToolCalls = 0 } : actual);
            else if (!isKnown) budget.Spend(actual);
        }
    }

    private async Task Begin(GoalState state, Task<IReadOnlyList<ReservedCall>> before)
    {
        var recorded = state.Steps.SelectMany(s => s.Calls).ToDictionary(c => c.Id.Value, StringComparer.Ordinal);
        var calls = await before;
        lock (gate)
        {
            foreach (var call in calls)
            {
                var known = call.Call is { } id ? recorded.GetValueOrDefault(id) : null;
                // A claim without a receipt is counted as one call from the beginning.
                var isClaimed = known is { Status: CallStatus.Claimed or CallStatus.Unknown };
                var more = isClaimed ? call.Usage with { ToolCalls = 0 } : known is null ? call.Usage : Usage.None;
                if (!told.TryAdd(call.Name, isClaimed)) continue;
                if (call.IsOpen) open.Add(call.Name, budget.Hold(more));
                else budget.Spend(more);
            }
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
