using AgentMesh.Contracts;

namespace AgentMesh.Orchestration;

/// <summary>What the machine wants done. Carried out only after the events of the same <c>Step</c> are durable.</summary>
public abstract record Command
{
    /// <summary>A decision of the machine itself: appended together with the event that led to it, then fed back into <c>Step</c>.</summary>
    public sealed record Record(GoalEvent Event) : Command;

    /// <summary>Find a valid plan of that version; answer with <see cref="PlanAccepted"/> or <see cref="PlanRejected"/>.</summary>
    public sealed record MakePlan(int Version) : Command;

    /// <summary>Run (or resume) an attempt; recorded calls are in the state.</summary>
    public sealed record RunStep(StepId Step, int Attempt) : Command;

    /// <summary>Stop the attempt; it answers with how it ended, or at once with a failure when it is not running here.</summary>
    public sealed record StopStep(StepId Step, int Attempt, string Reason) : Command;

    /// <summary>Answer with <see cref="TimerFired"/> at the given time or soon after. Asking again for the same timer changes nothing.</summary>
    public sealed record StartTimer(string Timer, DateTimeOffset DueAt) : Command;

    /// <summary>The goal is over: its host may forget it.</summary>
    public sealed record Retire : Command;
}
