using AgentMesh.Agents.Models;

namespace AgentMesh.Inference.Resilience;

/// <summary>Decides whether a failed attempt is followed by another, and when. Pure, but for the jitter it draws.</summary>
/// <param name="retries">Further attempts after the first.</param>
/// <param name="total">Time that a call may take with all its attempts and waits.</param>
/// <param name="jitter">Gives numbers from 0 up to 1; spreads callers that failed together.</param>
internal sealed class Backoff(int retries, TimeSpan total, Func<double> jitter)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    /// <param name="attempt">The attempt that failed, from 1.</param>
    /// <param name="elapsed">Since the call began.</param>
    /// <returns>How long to wait before the next attempt; null to give up.</returns>
    public TimeSpan? Delay(int attempt, ModelException error, TimeSpan elapsed)
    {
        if (attempt > retries || error.Kind is not (ModelErrorKind.RateLimited or ModelErrorKind.Unavailable or ModelErrorKind.TimedOut))
            return null;

        // Half of the step is fixed so that a retry never follows at once; the other half is drawn.
        var step = Math.Min(First.TotalSeconds * Math.Pow(2, attempt - 1), Longest.TotalSeconds);
        var delay = TimeSpan.FromSeconds(step * (0.5 + 0.5 * jitter()));

        // A server that names a time knows better; a little is added so that callers told the same time do not return together.
        if (error.RetryAfter is { } asked) delay = asked + delay * 0.1;

        // A wait that ends after the call's own limit helps nobody: the caller hears of it now, with the time to wait.
        return elapsed + delay < total ? delay : null;
    }
}
