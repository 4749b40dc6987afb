using System.Collections.Concurrent;
using AgentMesh.Contracts;
using AgentMesh.Grains.Streams;
using AgentMesh.Orchestration;
using AgentMesh.Runtime;
using Microsoft.Extensions.Logging;
using Orleans.Streams;

namespace AgentMesh.Grains.Engine;

/// <summary>Attempts that run at agent grains anywhere in the cluster: orders go out over a stream per agent, each in its turn.</summary>
/// <param name="isNew">The goal comes into being here, so that nobody has anything of its budget yet.</param>
internal sealed partial class StreamedAttempts(GoalHosting hosting, bool isNew, TimeProvider time, ILogger<StreamedAttempts> log) : IAttempts
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<AgentId, Task> sent = new();
    private volatile bool dropped;
    private GoalAccount? account;
    private GoalId opened;

    public void Run(GoalState state, Command.RunStep run, GoalBudget budget)
    {
        if (account is null)
        {
            var isBounded = state.Spec.Constraints.Budget != Budget.Unlimited;
            account = new GoalAccount(budget, state, isBounded && !isNew ? hosting.Inquiry.Ask(state.Goal) : null);
            hosting.Accounts.Open(opened = state.Goal, account);
        }

        Send(state, run.Step, run.Attempt, null);
    }

    public void Stop(GoalState state, Command.StopStep stop) => Send(state, stop.Step, stop.Attempt, stop.Reason);

    public void Dispose()
    {
        dropped = true;
        if (account is not null) hosting.Accounts.Close(opened, account);
    }

    private void Send(GoalState state, StepId step, int attempt, string? stop)
    {
        var wanted = state.Step(step)!;
        var order = new AgentOrder(state.Goal, state.Spec.Tenant, step, attempt, state.Sequence, stop) { Known = stop is null ? new KnownGoal(state) : null };
        var agent = wanted.Agent!.Value;
        var stream = hosting.Streams.GetStream<AgentOrder>(StreamId.Create(GrainTypes.Of(wanted.Definition.Role), agent.Value));
        sent[agent] = Deliver(sent.GetValueOrDefault(agent), stream, order);
    }

    private async Task Deliver(Task? before, IAsyncStream<AgentOrder> stream, AgentOrder order)
    {
        if (before is not null) await before;
        for (var pause = FirstPause; !dropped; pause = pause < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                await stream.OnNextAsync(order);
                return;
            }
            catch (Exception e) when (!hosting.Stopping.IsCancellationRequested)
            {
                LogAgain(log, order.Goal, order.Step, e.Message);
                await Task.Delay(pause, time, CancellationToken.None);
                // By now the goal may have gone on: whoever gets it asks the journal.
                order = order with { Known = null };
            }
            catch (Exception e)
            {
                LogAgain(log, order.Goal, order.Step, e.Message);
                return;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Goal {Goal}: the order for {Step} did not arrive: {Reason}")]
    private static partial void LogAgain(ILogger log, GoalId goal, StepId step, string reason);
}

/// <summary>An agent's way back to its goal: facts that need an answer by a call, the end of an attempt over the goal's stream.</summary>
internal sealed partial class StreamedLine(GoalId goal, GoalHosting hosting, TimeProvider time, ILogger log) : IGoalLine
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>How long an end is offered before it is given up: the goal then has the attempt made again.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public Task<string?> Post(IReadOnlyList<GoalEvent> events) => hosting.Post(goal, events);

    public async Task End(IReadOnlyList<GoalEvent> events, long seen)
    {
        var stream = hosting.Streams.GetStream<AttemptReport>(StreamId.Create(GrainTypes.Orchestrator, goal.Value));
        var since = time.GetTimestamp();
        while (true)
        {
            try
            {
                await stream.OnNextAsync(new AttemptReport(events, seen));
                return;
            }
            catch (Exception e) when (!hosting.Ended.IsCancellationRequested && time.GetElapsedTime(since) < Patience)
            {
                LogAgain(log, goal, e.Message);
                await Task.Delay(Pause, time, CancellationToken.None);
            }
            catch (Exception e)
            {
                throw new JournalUnavailableException($"The goal's orchestrator does not answer: {e.Message}", e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Goal {Goal}: the end of an attempt did not arrive: {Reason}")]
    private static partial void LogAgain(ILogger log, GoalId goal, string reason);
}
