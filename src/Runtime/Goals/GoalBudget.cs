using AgentMesh.Agents;
using AgentMesh.Contracts;

namespace AgentMesh.Runtime;

/// <summary>
/// Holds a goal to its budget over parallel steps: every call reserves its most before and settles its real cost after.
/// What was reserved counts as spent, so the sum can never overrun. Thread-safe.
/// </summary>
public sealed class GoalBudget(Budget limit, Usage spent) : ICallBudget
{
    private readonly Lock gate = new();
    private Usage used = spent;
    private Usage reserved = Usage.None;

    /// <summary>Tokens that may still be reserved; null without a limit.</summary>
    public long? TokensLeft
    {
        get
        {
            lock (gate) return limit.Tokens is { } tokens ? Math.Max(0, tokens - used.Tokens - reserved.Tokens) : null;
        }
    }

    /// <param name="most">What the call may cost at most.</param>
    /// <exception cref="BudgetExceededException">The budget does not hold that much any more; nothing was reserved.</exception>
    public Reservation Reserve(Usage most)
    {
        lock (gate)
        {
            var after = used + reserved + most;
            Check(after.ModelCalls, limit.ModelCalls, "model calls");
            Check(after.Tokens, limit.Tokens, "tokens");
            Check(after.ToolCalls, limit.ToolCalls, "tool calls");
            Check(after.Cost, limit.Cost, "of cost");
            // Seconds cannot be known before; a goal that has used up its time starts no further call.
            if (limit.Seconds is { } seconds && used.Seconds >= seconds) throw Over(seconds, "seconds");
            return Keep(most);
        }
    }

    /// <summary>Sets aside what was reserved before this budget came to be, whether or not it holds as much.</summary>
    public Reservation Hold(Usage most)
    {
        lock (gate) return Keep(most);
    }

    ValueTask<long?> ICallBudget.TokensLeft(CancellationToken ct) => new(TokensLeft);

    ValueTask<ICallReservation> ICallBudget.Reserve(CallId call, Usage most, CancellationToken ct) => new(Reserve(most));

    /// <summary>Counts what was spent without being reserved here.</summary>
    public void Spend(Usage actual) => Settle(Usage.None, actual);

    private static void Check<T>(T after, T? most, string what) where T : struct, IComparable<T>
    {
        if (most is { } limit && after.CompareTo(limit) > 0) throw Over(limit, what);
    }

    private static BudgetExceededException Over<T>(T limit, string what) =>
        new($"The goal's budget of {limit} {what} does not allow another call. Submit it with a larger budget to go on.");

    private Reservation Keep(Usage most)
    {
        reserved += most;
        return new Reservation(this, most);
    }

    private void Settle(Usage most, Usage actual)
    {
        lock (gate)
        {
            reserved = new Usage(
                reserved.ModelCalls - most.ModelCalls, reserved.InputTokens - most.InputTokens, reserved.OutputTokens - most.OutputTokens,
                reserved.ToolCalls - most.ToolCalls, reserved.Cost - most.Cost, reserved.Seconds - most.Seconds);
            used += actual;
        }
    }

    /// <inheritdoc cref="ICallReservation"/>
    public sealed class Reservation(GoalBudget budget, Usage most) : ICallReservation
    {
        private bool settled;

        public void Settle(Usage actual, bool isForTheRecord = true)
        {
            if (settled) return;
            settled = true;
            budget.Settle(most, actual);
        }

        public void Dispose() => Settle(Usage.None);
    }
}
