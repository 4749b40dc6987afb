using AgentMesh.Agents;
using AgentMesh.Contracts;

namespace AgentMesh.Runtime;

/// <summary>What an attempt's calls are reserved from before they are made: its goal's budget, wherever that is held.</summary>
public interface ICallBudget
{
    /// <summary>Tokens that may still be reserved; null without a limit.</summary>
    ValueTask<long?> TokensLeft(CancellationToken ct);

    /// <param name="call">What the journal will know the call by.</param>
    /// <param name="most">What the call may cost at most.</param>
    /// <exception cref="BudgetExceededException">The budget does not hold that much any more; nothing was reserved.</exception>
    /// <exception cref="JournalUnavailableException">Whoever holds the budget does not answer.</exception>
    ValueTask<ICallReservation> Reserve(CallId call, Usage most, CancellationToken ct);

    /// <summary>The run that reserved from it is over: nothing more will be.</summary>
    void Leave()
    {
    }
}

/// <summary>A part of the budget set aside for one call. Disposing without settling counts it as spent nothing.</summary>
public interface ICallReservation : IDisposable
{
    /// <summary>What the call did cost. Only the first settling counts.</summary>
    /// <param name="isForTheRecord">The journal has the call or will have it; else nothing but this tells of it.</param>
    void Settle(Usage actual, bool isForTheRecord = true);
}
