using AgentMesh.Contracts;
using AgentMesh.Orchestration;
using AgentMesh.Runtime.Telemetry;

namespace AgentMesh.Runtime;

/// <summary>Events for a goal, in this order and with nothing between them.</summary>
/// <param name="Seen">Where the last of them ends an attempt: the journal's sequence that the attempt's run set out from; else null.</param>
public readonly record struct Delivery(IReadOnlyList<GoalEvent> Events, long? Seen = null);

/// <summary>
/// Drives one goal: the path from an event to its consequences. Not thread-safe: an engine calls it for one batch at a time.
/// After an exception the driver's state may be ahead of the journal: throw it away and load a new one.
/// <c>appended</c> is called with the entries of each append once they are durable, in order, and the state after them.
/// </summary>
public sealed class GoalDriver(
    GoalId goal, IJournal journal, IGoalWork work, TimeProvider time, string writer, Action<IReadOnlyList<JournalEntry>, GoalState>? appended = null)
{
    public GoalState? State { get; private set; }

    /// <summary>Hop 1. Loads the journal and goes on with whatever was under way when the last owner stopped.</summary>
    public async Task Load(CancellationToken ct)
    {
        State = GoalMachine.Replay(await journal.Read(goal, 0, ct));
        if (State is null) return;
        foreach (var command in Recovery.Commands(State)) work.Begin(State, command);
    }

    /// <summary>Makes sure that the attempts which the goal counts as running are under way. Safe at any time between batches.</summary>
    public void Resume()
    {
        if (State is null) return;
        foreach (var command in Recovery.Commands(State))
            if (command is Command.RunStep or Command.StopStep) work.Begin(State, command);
    }

    /// <summary>Takes a batch of deliveries through hops 2 to 6: one append for all of them.</summary>
    /// <returns>For each delivery null, or why it was refused.</returns>
    /// <exception cref="StaleWriterException">Another writer owns the goal now.</exception>
    public async Task<string?[]> Handle(IReadOnlyList<Delivery> deliveries, CancellationToken ct)
    {
        var before = State;
        var refusals = new string?[deliveries.Count];
        var entries = new List<JournalEntry>();
        var commands = new List<Command>();

        for (var i = 0; i < deliveries.Count; i++) refusals[i] = Take(deliveries[i], entries, commands);
        if (entries.Count == 0) return refusals;

        // Hop 4. Durable, or nothing happened.
        await journal.Append(new JournalAppend(goal, before?.Sequence ?? 0, entries, Summary(before), writer), ct);

        // Hop 5. Those who watch hear of it.
        MeshMetrics.Appended(entries, State!);
        appended?.Invoke(entries, State!);

        // Hop 6. Only now is anything done about it.
        foreach (var command in commands) work.Begin(State!, command);
        return refusals;
    }

    private string? Take(Delivery delivery, List<JournalEntry> entries, List<Command> commands)
    {
        // Hop 2. Late, repeated and impossible events stop here.
        if (delivery.Seen is { } seen && AttemptEnd.IsOfAnEarlierRun(State, delivery.Events, seen)) return "The step has gone on since.";
        foreach (var e in delivery.Events)
        {
            if (Admission.Refuse(State, e) is { } refusal)
            {
                if (delivery.Seen is not null && AttemptEnd.Instead(delivery.Events, refusal) is { } instead && Admission.Refuse(State, instead) is null)
                    Step(instead, entries, commands);
                return refusal;
            }

            // Hop 3. The machine says what follows.
            Step(e, entries, commands);
        }

        return null;
    }

    private void Step(GoalEvent input, List<JournalEntry> entries, List<Command> commands)
    {
        var pending = new Queue<GoalEvent>();
        pending.Enqueue(input);
        while (pending.TryDequeue(out var e))
        {
            var entry = new JournalEntry((State?.Sequence ?? 0) + 1, time.GetUtcNow(), e);
            (State, var next) = GoalMachine.Step(State, entry);
            entries.Add(entry);
            foreach (var command in next)
            {
                if (command is Command.Record record) pending.Enqueue(record.Event);
                else if (work.AnswerAtOnce(State, command) is { } answer && Admission.Refuse(State, answer) is null) pending.Enqueue(answer);
                else commands.Add(command);
            }
        }
    }

    private GoalSummary? Summary(GoalState? before) =>
        before is not null && before.Status == State!.Status && before.Requests.Length == State.Requests.Length && Asks(before) == Asks(State)
            ? null
            : new GoalSummary(goal, State!.Spec.Tenant, Cut(State.Spec.Text), State.Status, Stored(State.SubmittedAt), State.UpdatedAt, State.Sequence,
                State.SubmittedAt + State.Spec.Constraints.Timeout, Asks(State), State.Spent.IsEmpty ? null : State.Spent);

    // As a reloaded journal tells it, so that a goal never moves in the list.
    private static DateTimeOffset Stored(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());

    private static int Asks(GoalState state)
    {
        var open = 0;
        if (state.Ended is not null) return open;
        foreach (var request in state.Requests)
            if (request.IsOpen) open++;
        return open;
    }

    private static string Cut(string text) => text.Length <= 200 ? text : string.Concat(text.AsSpan(0, 199), "…");
}

/// <summary>Carries out what the machine wants done. Begins and returns; results come back as events.</summary>
public interface IGoalWork
{
    /// <param name="state">The goal as it stands when the command is given.</param>
    void Begin(GoalState state, Command command);

    /// <summary>
    /// The answer to a command where it takes no time and touches nothing outside, so that it can be durable together with what led to it.
    /// Null for everything else, which is then begun when the append is durable.
    /// </summary>
    GoalEvent? AnswerAtOnce(GoalState state, Command command) => null;
}
