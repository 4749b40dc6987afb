namespace AgentMesh.Agents.Models;

/// <summary>Tokens of one model call. <paramref name="Estimated"/>: the endpoint reported no usage, so this is an upper estimate.</summary>
public readonly record struct TokenCount(long Input, long Output, bool Estimated = false)
{
    public long Total => Input + Output;
}

/// <summary>Where model calls get their tokens from: reserved before a request leaves, settled once its outcome is known.</summary>
public interface ITokenBudget
{
    /// <summary>Sets aside what one request can use at most.</summary>
    /// <returns>The reservation, which the caller settles exactly once; null when the budget has no room for it.</returns>
    ValueTask<ITokenReservation?> TryReserve(TokenCount atMost, CancellationToken cancellationToken);
}

public interface ITokenReservation
{
    /// <summary>Replaces the reservation by what was used: zero when nothing reached the model.</summary>
    ValueTask Settle(TokenCount used);
}

/// <summary>A budget of a fixed number of tokens, kept in memory. Safe for calls in parallel.</summary>
public sealed class TokenBudget(long limit) : ITokenBudget
{
    private readonly Lock _gate = new();
    private long _used;
    private long _reserved;

    public long Limit { get; } = limit;

    /// <summary>Tokens settled so far.</summary>
    public long Used
    {
        get { lock (_gate) return _used; }
    }

    /// <summary>Tokens neither used nor reserved.</summary>
    public long Left
    {
        get { lock (_gate) return Limit - _used - _reserved; }
    }

    public ValueTask<ITokenReservation?> TryReserve(TokenCount atMost, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_used + _reserved + atMost.Total > Limit) return new((ITokenReservation?)null);
            _reserved += atMost.Total;
            return new(new Reservation(this, atMost.Total));
        }
    }

    private sealed class Reservation(TokenBudget budget, long tokens) : ITokenReservation
    {
        private bool _settled;

        public ValueTask Settle(TokenCount used)
        {
            lock (budget._gate)
            {
                if (_settled) throw new InvalidOperationException("This reservation was settled before; settle each one once.");
                _settled = true;
                budget._reserved -= tokens;
                budget._used += used.Total;
            }

            return ValueTask.CompletedTask;
        }
    }
}
