using System.Threading.Channels;
using AgentMesh.Contracts;
using AgentMesh.GrainInterfaces;
using AgentMesh.Grains.Engine;
using AgentMesh.Orchestration;
using AgentMesh.Runtime;
using AgentMesh.Runtime.InMemory;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Utilities;

namespace AgentMesh.Cluster;

public sealed class GoalObserversTests
{
    private static readonly GoalId Goal = new("g");

    [Fact(Timeout = 60_000)]
    public async Task An_observer_that_falls_behind_is_told_what_it_missed_and_what_comes_after()
    {
        var door = new Door();
        using var observers = new GoalObservers(
            Goal, new GoalDesk(door, door.Journal, MeshCatalogue.Empty), new ObserverManager<IGoalObserver>(TimeSpan.FromDays(1), NullLogger.Instance));
        var slow = new SlowObserver();
        observers.Subscribe(slow);
        await door.Append(1);
        await slow.Entered.Task;
        for (var i = 2; i <= 600; i++) await door.Append(i);
        slow.Hold.SetResult();

        var heard = new List<long>();
        while (heard.LastOrDefault() < 600) heard.AddRange(await slow.Heard.Reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal(Enumerable.Range(1, 600).Select(i => (long)i), heard);
        await door.Append(601);
        Assert.Equal([601], await slow.Heard.Reader.ReadAsync(TestContext.Current.CancellationToken));
    }

    private sealed class Door : IGoalDoor
    {
        private readonly GoalFeed feed = new();

        public InMemoryJournal Journal { get; } = new();

        public async Task Append(int sequence)
        {
            var entry = new JournalEntry(sequence, default, new TimerFired("t"));
            await Journal.Append(new JournalAppend(Goal, sequence - 1, [entry], null, "w"));
            feed.Publish(Goal, new GoalNews([entry], null!));
        }

        public Task<string?> Post(GoalId goal, IReadOnlyList<GoalEvent> events) => throw new NotSupportedException();

        public Task<GoalState?> Look(GoalId goal) => throw new NotSupportedException();

        public GoalFeed.Subscription Follow(GoalId goal) => feed.Follow(goal);
    }

    private sealed class SlowObserver : IGoalObserver
    {
        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public TaskCompletionSource Hold { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public Channel<IReadOnlyList<long>> Heard { get; } = Channel.CreateUnbounded<IReadOnlyList<long>>();

        public async Task Appended(GoalId goal, IReadOnlyList<JournalEntry> entries)
        {
            Entered.TrySetResult();
            await Hold.Task;
            await Heard.Writer.WriteAsync([.. entries.Select(e => e.Sequence)]);
        }
    }
}
