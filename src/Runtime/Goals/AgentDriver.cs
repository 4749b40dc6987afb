using AgentMesh.Contracts;
using AgentMesh.Orchestration;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Runtime;

/// <summary>
/// Drives one agent that is apart from its goal: takes orders, which may be lost, late or repeated, and runs the attempts that the goal's journal
/// still wants. Safe for concurrent calls.
/// </summary>
/// <param name="line">The way back to the goal.</param>
/// <param name="run">Runs work in the background, fairly between tenants; as <see cref="IGoalHost.Run"/>.</param>
/// <param name="whenIdle">Told each time that the last attempt here has ended.</param>
public sealed partial class AgentDriver(
    GoalId goal, IJournal journal, StepRunner steps, IGoalLine line, Action<string, Func<CancellationToken, Task>> run, Action whenIdle,
    ILogger<AgentDriver> log)
{
    private readonly Lock gate = new();
    private readonly Dictionary<(StepId Step, int Attempt), Running> running = [];
    private readonly Dictionary<(StepId Step, int Attempt), long> ended = [];
    private TaskCompletionSource? idle;
    private bool closing;

    public bool IsIdle
    {
        get
        {
            lock (gate) return running.Count == 0;
        }
    }

    /// <summary>Begins the attempt, unless it runs here already or ran after this order was given.</summary>
    /// <param name="tenant">In whose turn it runs.</param>
    /// <param name="sequence">The journal's sequence when the order was given.</param>
    /// <param name="known">The goal and its budget where the sender is in this process; null reads the journal.</param>
    public void Assign(string tenant, StepId step, int attempt, long sequence, (GoalState State, GoalBudget Budget)? known)
    {
        var key = (step, attempt);
        var mine = new Running(new Attempt(attempt, new CancellationTokenSource()));
        lock (gate)
        {
            if (closing || running.ContainsKey(key) || (ended.TryGetValue(key, out var last) && sequence <= last)) return;
            running.Add(key, mine);
        }

        run(tenant, async ct =>
        {
            try
            {
                using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, mine.Attempt.Stop.Token);
                lock (gate)
                {
                    if (mine.Dropped) return;
                    mine.Begun = true;
                }

                if (known is null && await Look(stop.Token) is { } read) known = (read, new GoalBudget(read.Spec.Constraints.Budget, read.Usage));
                if (known?.State.Step(step) is not { Status: StepStatus.Running } wanted || wanted.Attempt != attempt) return;
                await steps.Run(known.Value.State, step, attempt, known.Value.Budget, line, mine.Attempt, stop.Token);
            }
            catch (Exception e) when (ct.IsCancellationRequested || mine.Dropped || Ownership.IsLost(e))
            {
                LogDropped(log, goal, step, e.Message);
            }
            finally
            {
                End(key, sequence);
            }
        });
    }

    /// <summary>Ends the attempt; where it does not run, says so to the goal in its place.</summary>
    public async Task Stop(StepId step, int attempt, string reason)
    {
        lock (gate)
        {
            if (running.TryGetValue((step, attempt), out var mine) && !mine.Dropped)
            {
                mine.Attempt.Reason = reason;
                mine.Attempt.Stop.Cancel();
                return;
            }
        }

        await line.Post([new StepFailed(step, attempt, FailureKind.Permanent, reason)]);
    }

    /// <summary>
    /// Takes no further orders, forgets the attempts that only wait for their turn, and lets the others come to their end. What still runs when
    /// the patience ends is given up; the goal gives it to another agent.
    /// </summary>
    public async Task Close(CancellationToken patience)
    {
        Task left;
        lock (gate)
        {
            closing = true;
            foreach (var (key, mine) in running.ToArray())
            {
                if (mine.Begun) continue;
                mine.Dropped = true;
                running.Remove(key);
            }

            if (running.Count == 0) return;
            left = (idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        try
        {
            await left.WaitAsync(patience);
        }
        catch (OperationCanceledException)
        {
            lock (gate)
            {
                foreach (var mine in running.Values)
                {
                    mine.Dropped = true;
                    mine.Attempt.Stop.Cancel();
                }
            }
        }
    }

    private async Task<GoalState?> Look(CancellationToken ct) => GoalMachine.Replay(await journal.Read(goal, 0, ct));

    private void End((StepId, int) key, long sequence)
    {
        lock (gate)
        {
            running.Remove(key);
            ended[key] = sequence;
            if (running.Count > 0) return;
            idle?.TrySetResult();
        }

        whenIdle();
    }

    private sealed class Running(Attempt attempt)
    {
        public Attempt Attempt { get; } = attempt;

        /// <summary>It had its turn and may have done something.</summary>
        public bool Begun;

        /// <summary>It may not go on here.</summary>
        public bool Dropped;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Goal {Goal}: the attempt at {Step} was dropped: {Reason}")]
    private static partial void LogDropped(ILogger log, GoalId goal, StepId step, string reason);
}
