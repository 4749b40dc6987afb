using AgentMesh.Contracts;
using AgentMesh.Orchestration;

namespace AgentMesh.Runtime;

/// <summary>Where the attempts at one goal's steps run: in this process, or at agents elsewhere. Made with the goal's driver and dropped with it.</summary>
public interface IAttempts : IDisposable
{
    /// <summary>Begins the attempt, or makes sure that it is under way. Its facts come back as events.</summary>
    void Run(GoalState state, Command.RunStep run, GoalBudget budget);

    /// <summary>Ends the attempt wherever it runs. It answers with its end; where nobody runs it, somebody answers in its place.</summary>
    void Stop(GoalState state, Command.StopStep stop);
}

/// <summary>An attempt's way back to its goal.</summary>
public interface IGoalLine
{
    /// <summary>Durable when it returns.</summary>
    /// <inheritdoc cref="IGoalHost.Post" path="/returns|/exception"/>
    Task<string?> Post(IReadOnlyList<GoalEvent> events);

    /// <summary>
    /// Brings the attempt's end, and facts that travel with it. A line may bring it later than it returns; then it brings
    /// what <see cref="AttemptEnd"/> says by itself where the goal refuses the end, and returns null.
    /// </summary>
    /// <param name="seen">The journal's sequence that the attempt's run set out from.</param>
    /// <inheritdoc cref="IGoalHost.Post" path="/returns|/exception"/>
    Task<string?> End(IReadOnlyList<GoalEvent> events, long seen) => Post(events);
}

/// <summary>How an attempt ends.</summary>
public static class AttemptEnd
{
    /// <summary>
    /// What to tell a goal that refused an attempt's end. Either the goal has no use for the attempt any more, and refuses this as well; or it
    /// wants the attempt but not what it did.
    /// </summary>
    public static StepFailed Instead(StepId step, int attempt, bool isSpawn, string refusal) =>
        new(step, attempt, isSpawn ? FailureKind.Permanent : FailureKind.Transient, refusal);

    /// <summary>
    /// Whether an end comes from a run that is over as far as the goal is concerned: the step has gone on since, under the same attempt. It is a
    /// repeat, and nothing is to be said about it.
    /// </summary>
    /// <param name="events">The end, last of all, and facts that travel with it.</param>
    /// <param name="seen">The journal's sequence that the run set out from.</param>
    public static bool IsOfAnEarlierRun(GoalState? state, IReadOnlyList<GoalEvent> events, long seen) =>
        Step(events[^1]) is { } step && state?.Step(step) is { } now && now.RunningSince > seen;

    private static StepId? Step(GoalEvent end) => end switch
    {
        StepCompleted e => e.Step,
        StepFailed e => e.Step,
        StepsSpawned e => e.Parent,
        StepSuspended e => e.Step,
        _ => null,
    };

    /// <inheritdoc cref="Instead(StepId, int, bool, string)"/>
    /// <param name="refused">What was refused; its last event is the end.</param>
    /// <returns>Null when there was no end among it.</returns>
    public static StepFailed? Instead(IReadOnlyList<GoalEvent> refused, string refusal) => refused[^1] switch
    {
        StepCompleted e => Instead(e.Step, e.Attempt, isSpawn: false, refusal),
        StepsSpawned e => Instead(e.Parent, e.Attempt, isSpawn: true, refusal),
        StepSuspended e => Instead(e.Step, e.Attempt, isSpawn: false, refusal),
        _ => null,
    };
}

/// <summary>One attempt that runs in this process.</summary>
public sealed class Attempt(int number, CancellationTokenSource stop)
{
    public int Number { get; } = number;
    public CancellationTokenSource Stop { get; } = stop;

    /// <summary>Why it was told to stop; null while it was not.</summary>
    public string? Reason { get; set; }
}

/// <summary>The goal no longer takes this attempt's events: another one has its place.</summary>
public sealed class StaleAttemptException(string message) : Exception(message);
