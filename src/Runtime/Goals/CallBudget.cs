using AgentMesh.Agents;
using AgentMesh.Contracts;

namespace AgentMesh.Runtime;

/// <summary>What an attempt's calls are reserved from before they are made: its goal's budget, wherever that is held.</summary>
public interface ICallBudget
{
    /// <summary>Tokens that may still be reserved; null without a limit.</summary>
    ValueTask<long?> TokensLeft(CancellationToken ct);

    /// <param name="most">What the call may cost at most.</param>
    /// <exception cref="BudgetExceededException">The budget does not hold that much any more; nothing was reserved.</exception>
    /// <exception cref="JournalUnavailableException">Whoever holds the budget does not answer.</exception>
    ValueTask<ICallReservation> Reserve(Usage most, CancellationToken ct);
}

/// <summary>A part of the budget set aside for one call. Disposing without settling counts it as spent nothing.</summary>
public interface ICallReservation : IDisposable
{
    /// <summary>What the call did cost. Only the first settling counts.</summary>
    void Settle(Usage actual);
}
