using System.Collections.Immutable;
using AgentMesh.Contracts;

namespace AgentMesh.Orchestration;

/// <summary>
/// The orchestration of one goal as a pure function: an entry of the journal and the state before it give the state after it and what to do next.
/// Folding a journal through <see cref="Step"/> (and ignoring the commands, whose outcome the journal holds) rebuilds the state;
/// <see cref="Recovery.Commands"/> then says what is still to be done.
/// </summary>
public static class GoalMachine
{
    /// <param name="state">Null before the first entry.</param>
    /// <exception cref="InvalidOperationException">The entry cannot follow the state: the journal is damaged, or <see cref="Admission"/> was not asked.</exception>
    public static (GoalState State, ImmutableArray<Command> Commands) Step(GoalState? state, JournalEntry entry)
    {
        if (entry.Event is GoalSubmitted submitted) return Submit(state, submitted, entry);
        if (state is null) throw new InvalidOperationException($"A journal begins with {nameof(GoalSubmitted)}, not {entry.Event.GetType().Name}.");
        if (entry.Sequence != state.Sequence + 1)
            throw new InvalidOperationException($"Entry {entry.Sequence} cannot follow entry {state.Sequence} of goal {state.Goal.Value}.");

        var turn = new Turn(state with { Sequence = entry.Sequence, UpdatedAt = entry.At }, entry.At);
        Apply(turn, entry.Event);
        return turn.Result();
    }

    /// <summary>Rebuilds the state from a whole journal; null for an empty one.</summary>
    public static GoalState? Replay(IEnumerable<JournalEntry> entries)
    {
        GoalState? state = null;
        foreach (var entry in entries) state = Step(state, entry).State;
        return state;
    }

    private static (GoalState, ImmutableArray<Command>) Submit(GoalState? state, GoalSubmitted submitted, JournalEntry entry)
    {
        if (state is not null || entry.Sequence != 1)
            throw new InvalidOperationException($"Goal {submitted.Goal.Value} was submitted twice.");
        var turn = new Turn(
            new GoalState
            {
                Goal = submitted.Goal, Spec = submitted.Spec, SubmittedAt = entry.At, UpdatedAt = entry.At, Sequence = 1, Planning = 1,
                Artifacts = [.. submitted.Spec.Inputs],
            },
            entry.At);
        if (submitted.Spec.Constraints.Timeout is { } timeout) turn.Do(new Command.StartTimer(Timers.Deadline, entry.At + timeout));
        if (submitted.Spec.Fork is { } fork) Forking.Begin(turn, fork);
        else turn.Do(new Command.MakePlan(1));
        return turn.Result();
    }

    private static void Apply(Turn turn, GoalEvent e)
    {
        switch (e)
        {
            case PlanAccepted x: Planning.Accepted(turn, x); break;
            case PlanRejected x: Planning.Rejected(turn, x); break;
            case ReplanRequested x: Planning.Requested(turn, x); break;
            case MessageReceived x: Planning.Told(turn, x); break;
            case StepStarted x: Work.Started(turn, x); break;
            case StepCompleted x: Work.Completed(turn, x); break;
            case StepFailed x: Work.Failed(turn, x); break;
            case StepSkipped x: Work.Skipped(turn, x); break;
            case RetryScheduled x: Work.RetryScheduled(turn, x); break;
            case StepsSpawned x: Work.Spawned(turn, x); break;
            case ModelCalled x: Calls.ModelCalled(turn, x); break;
            case ToolClaimed x: Calls.Claimed(turn, x); break;
            case ToolReturned x: Calls.Returned(turn, x); break;
            case ToolUnknown x: Calls.Unknown(turn, x); break;
            case StepSuspended x: People.Suspended(turn, x); break;
            case ApprovalRequested x: People.ApprovalRequested(turn, x); break;
            case ApprovalDecided x: People.ApprovalDecided(turn, x); break;
            case QuestionAsked x: People.QuestionAsked(turn, x); break;
            case QuestionAnswered x: People.QuestionAnswered(turn, x); break;
            case TimerFired x: Ending.TimerFired(turn, x); break;
            case CancelRequested x: Ending.Decide(turn, GoalStatus.Cancelled, $"{x.By} cancelled it: {x.Reason}"); break;
            case GoalEnded x: Ending.Ended(turn, x); break;
            default: throw new InvalidOperationException($"The machine does not know {e.GetType().Name}.");
        }
    }
}

/// <summary>The working copy of one <c>Step</c>: the state as it becomes and the commands as they gather.</summary>
internal sealed class Turn(GoalState state, DateTimeOffset at)
{
    private readonly ImmutableArray<Command>.Builder commands = ImmutableArray.CreateBuilder<Command>();

    public GoalState State { get; set; } = state;
    public DateTimeOffset At { get; } = at;

    /// <summary>True once this turn took a decision; further ones follow from that decision's own turn.</summary>
    public bool HasRecorded { get; private set; }

    public void Do(Command command) => commands.Add(command);

    public void Record(GoalEvent e)
    {
        HasRecorded = true;
        commands.Add(new Command.Record(e));
    }

    public void Put(StepState step) => State = State.With(step);

    public StepState Step(StepId id) =>
        State.Step(id) ?? throw new InvalidOperationException($"Goal {State.Goal.Value} has no step {id.Value}.");

    public (GoalState, ImmutableArray<Command>) Result() => (State, commands.DrainToImmutable());
}
