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

    /// <inheritdoc cref="IGoalHost.End"/>
    Task End(IReadOnlyList<GoalEvent> events, long seen);
}

/// <summary>How an attempt ends, seen from its goal.</summary>
public static class AttemptEnd
{
    /// <summary>
    /// Whether an end comes from a run that is over as far as the goal is concerned: the step has gone on since, under the same attempt. It is a
    /// repeat, and nothing is to be said about it.
    /// </summary>
    /// <param name="events">The end, last of all, and facts that travel with it.</param>
    /// <param name="seen">The journal's sequence that the run set out from.</param>
    public static bool IsOfAnEarlierRun(GoalState? state, IReadOnlyList<GoalEvent> events, long seen) =>
        Step(events[^1]) is { } step && state?.Step(step) is { } now && now.RunningSince > seen;

    /// <summary>
    /// What to make of an end that the goal refused. Either the goal has no use for the attempt any more, and refuses this as well; or it wants
    /// the attempt but not what it did, and without this would wait for it for ever.
    /// </summary>
    /// <param name="refused">What was refused; its last event is the end.</param>
    /// <returns>Null when there was no end among it.</returns>
    public static StepFailed? Instead(IReadOnlyList<GoalEvent> refused, string refusal) => refused[^1] switch
    {
        StepCompleted e => new(e.Step, e.Attempt, FailureKind.Transient, refusal),
        StepFailed e => new(e.Step, e.Attempt, FailureKind.Transient, refusal),
        StepSuspended e => new(e.Step, e.Attempt, FailureKind.Transient, refusal),
        // It would spawn the same again.
        StepsSpawned e => new(e.Parent, e.Attempt, FailureKind.Permanent, refusal),
        _ => null,
    };

    private static StepId? Step(GoalEvent end) => end switch
    {
        StepCompleted e => e.Step,
        StepFailed e => e.Step,
        StepsSpawned e => e.Parent,
        StepSuspended e => e.Step,
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
