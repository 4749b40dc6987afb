using AgentMesh.Contracts;

namespace AgentMesh.Orchestration;

/// <summary>Names of the timers that the machine asks for.</summary>
public static class Timers
{
    public const string Deadline = "deadline";

    /// <summary>Ends a goal whose steps do not let go.</summary>
    public const string Grace = "grace";

    public static string Retry(StepId step, int attempt) => $"retry:{step.Value}:{attempt}";

    /// <summary>How long running steps may take to stop once a goal's end is decided.</summary>
    public static readonly TimeSpan GracePeriod = TimeSpan.FromSeconds(15);

    /// <summary>The wait before an attempt: doubles from the policy's first delay, within its longest.</summary>
    public static TimeSpan Backoff(RetryPolicy policy, int nextAttempt)
    {
        var factor = Math.Pow(2, Math.Min(Math.Max(nextAttempt - 2, 0), 30));
        return TimeSpan.FromTicks((long)Math.Min(policy.FirstDelay.Ticks * factor, policy.MaxDelay.Ticks));
    }
}
