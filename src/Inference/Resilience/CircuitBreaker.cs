using AgentMesh.Agents.Models;

namespace AgentMesh.Inference.Resilience;

/// <summary>
/// Leaves an endpoint alone after it failed several times in a row. After a pause one request probes it:
/// its success closes the circuit, its failure begins the next pause, and a probe that its caller gave up decides nothing.
/// One breaker is shared by all calls to an endpoint; its methods may be called in parallel.
/// </summary>
internal sealed class CircuitBreaker(int breakAfter, TimeSpan breakFor, TimeProvider time)
{
    private readonly Lock _gate = new();
    private int _failures;
    private long? _openedAt;
    private bool _probing;
    private long _era;

    /// <summary>Asks to send one request. Every pass is ended by <see cref="End"/>.</summary>
    /// <exception cref="ModelException">With <see cref="ModelErrorKind.CircuitOpen"/>: send nothing.</exception>
    public Pass Enter()
    {
        lock (_gate)
        {
            if (_openedAt is not { } opened) return new Pass(_era, Probe: false);
            var left = breakFor - time.GetElapsedTime(opened);
            if (left > TimeSpan.Zero || _probing)
            {
                if (left < TimeSpan.FromSeconds(1)) left = TimeSpan.FromSeconds(1);
                throw new ModelException(ModelErrorKind.CircuitOpen,
                    $"The model endpoint failed {breakAfter} times in a row and is left alone for {left.TotalSeconds:0} s; try again then, or check that it runs.")
                { RetryAfter = left };
            }

            _probing = true;
            return new Pass(_era, Probe: true);
        }
    }

    /// <returns>True when this outcome opened or closed the circuit.</returns>
    public bool End(Pass pass, Outcome outcome)
    {
        lock (_gate)
        {
            // Requests that left before the circuit last opened or closed tell nothing about the endpoint as it is now.
            if (pass.Era != _era) return false;
            if (pass.Probe) _probing = false;
            switch (outcome)
            {
                case Outcome.Success:
                    _failures = 0;
                    if (!pass.Probe) return false;
                    _openedAt = null;
                    _era++;
                    return true;
                case Outcome.Failure when pass.Probe || ++_failures >= breakAfter:
                    _failures = 0;
                    _openedAt = time.GetTimestamp();
                    _era++;
                    return true;
                default:
                    return false;
            }
        }
    }

    internal readonly record struct Pass(long Era, bool Probe);

    internal enum Outcome
    {
        Success,
        Failure,

        /// <summary>The caller gave up, or the endpoint said something about the request rather than about itself.</summary>
        Undecided,
    }

    /// <summary>What an error says about the endpoint's health: a refusal proves that it is alive, a rate limit that it protects itself.</summary>
    public static Outcome Judge(Exception error) => error switch
    {
        ModelException { Kind: ModelErrorKind.Unavailable or ModelErrorKind.TimedOut } => Outcome.Failure,
        ModelException { Kind: ModelErrorKind.Rejected } => Outcome.Success,
        _ => Outcome.Undecided,
    };
}
