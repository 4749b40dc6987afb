using AgentMesh.Contracts;
using AgentMesh.Orchestration;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Runtime;

/// <summary>
/// Drives one agent that is apart from its goal: takes orders, which may be lost, late or repeated, and runs the attempts that the goal's journal
/// still wants. Safe for concurrent calls.
/// </summary>
/// <param name="line">The way back to the goal.</param>
/// <param name="budget">Where a run of an attempt reserves its calls. Told when the run is over.</param>
/// <param name="run">Runs work in the background, fairly between tenants; as <see cref="IGoalHost.Run"/>.</param>
/// <param name="whenIdle">Told each time that the last attempt here has ended.</param>
/// <param name="whenLost">Told when an attempt came to no end that the goal heard of: whoever has the goal must order it anew.</param>
public sealed partial class AgentDriver(
    GoalId goal, IJournal journal, StepRunner steps, IGoalLine line, Func<GoalState, ICallBudget> budget, Action<string, Func<CancellationToken, Task>> run, Action whenIdle, Action whenLost,
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
    /// <param name="known">The goal where the sender is in this process; null reads the journal.</param>
    public void Assign(string tenant, StepId step, int attempt, long sequence, GoalState? known)
    {
        var key = (step, attempt);
        var mine = new Running(new Attempt(attempt, new CancellationTokenSource()));
        lock (gate)
        {
            if (ended.TryGetValue(key, out var last) && sequence <= last) return;
            if (running.TryGetValue(key, out var present))
            {
                // It may be a repeat; or the attempt waits for something, got it, and is to go on, while its run here is still on its way out.
                if (present.Again is null || present.Again < sequence) present.Again = sequence;
                return;
            }

            if (closing) return;
            running.Add(key, mine);
        }

        run(tenant, async ct =>
        {
            var lost = false;
            try
            {
                using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, mine.Attempt.Stop.Token);
                lock (gate)
                {
                    if (mine.Dropped) return;
                    mine.Begun = true;
                }

                var state = known ?? await Look(stop.Token);
                if (state?.Step(step) is not { Status: StepStatus.Running } wanted || wanted.Attempt != attempt) return;
                var calls = budget(state);
                try
                {
                    await steps.Run(state, step, attempt, calls, line, mine.Attempt, stop.Token);
                }
                finally
                {
                    calls.Leave();
                }
            }
            catch (Exception e) when (ct.IsCancellationRequested || mine.Dropped || Ownership.IsLost(e))
            {
                lost = true;
                LogDropped(log, goal, step, e.Message);
            }
            finally
            {
                End(tenant, key, mine, lost ? null : sequence);
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
    /// the patience ends is given up.
    /// </summary>
    /// <returns>The attempts that came to no end here and want another agent.</returns>
    public async Task<IReadOnlyList<(StepId Step, int Attempt)>> Close(CancellationToken patience)
    {
        var open = new List<(StepId, int)>();
        Task left;
        lock (gate)
        {
            closing = true;
            foreach (var (key, mine) in running.ToArray())
            {
                if (mine.Begun) continue;
                mine.Dropped = true;
                running.Remove(key);
                open.Add(key);
            }

            if (running.Count == 0) return open;
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
                foreach (var (key, mine) in running)
                {
                    mine.Dropped = true;
                    mine.Attempt.Stop.Cancel();
                    open.Add(key);
                }
            }
        }

        return open;
    }

    private async Task<GoalState?> Look(CancellationToken ct) => GoalMachine.Replay(await journal.Read(goal, 0, ct));

    // Only an end that the goal knows of keeps an order away: one that got lost is to be made good by the same order again.
    private void End(string tenant, (StepId Step, int Attempt) key, Running mine, long? sequence)
    {
        bool isLast, isLost;
        long? again;
        lock (gate)
        {
            if (!running.TryGetValue(key, out var present) || present != mine) return;
            running.Remove(key);
            if (sequence is { } heard) ended[key] = heard;
            again = closing ? null : mine.Again;
        }

        // The journal says whether that order is still to be carried out.
        if (again is { } later) Assign(tenant, key.Step, key.Attempt, later, null);
        lock (gate)
        {
            isLost = !mine.Dropped && again is null && (sequence is null || mine.Again is not null);
            isLast = running.Count == 0;
            if (isLast) idle?.TrySetResult();
        }

        if (isLost) whenLost();
        if (isLast) whenIdle();
    }

    private sealed class Running(Attempt attempt)
    {
        public Attempt Attempt { get; } = attempt;

        /// <summary>The sequence of the latest order that came while it ran.</summary>
        public long? Again;

        /// <summary>It had its turn and may have done something.</summary>
        public bool Begun;

        /// <summary>It may not go on here.</summary>
        public bool Dropped;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Goal {Goal}: the attempt at {Step} was dropped: {Reason}")]
    private static partial void LogDropped(ILogger log, GoalId goal, StepId step, string reason);
}
