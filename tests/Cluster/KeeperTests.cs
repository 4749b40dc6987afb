using System.Collections.Concurrent;
using AgentMesh.Contracts;
using AgentMesh.EngineConformance;
using AgentMesh.Runtime;

namespace AgentMesh.Cluster;

/// <summary>What keepers do where something stands in their way.</summary>
public sealed class KeeperTests
{
    // Half of the minute after which a reminder would put it right.
    private const int Limit = 30_000;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact(Timeout = Limit)]
    public async Task Goals_that_could_not_be_seen_when_a_cluster_came_up_are_woken_soon_after()
    {
        using var world = new World();
        var stores = Stores.InMemory();
        var journal = new Clouded(stores.Journal);
        await using var cluster = await ClusterUnderTest.Start(new MeshSetup(world.Address), 1, stores with { Journal = journal });
        var goal = await cluster.Mesh.Submit(Script.Goal(Script.Step("a", "hold gate; use put x")), ct: Ct);
        await world.Arrived($"{goal}/gate", 1, Ct);

        await cluster.Crash();
        world.OpenGate($"{goal}/gate");
        journal.Refuse();
        await cluster.Restart();
        await journal.Refused.WaitAsync(Ct);
        journal.Allow();

        // Nothing that would load the goal: it is to move by itself.
        while ((await stores.Journal.Unfinished(Ct)).Count > 0) await Task.Yield();
        Assert.Equal(1, Assert.Single(world.Effects(goal.Value)).Times);
    }

    private sealed class Clouded(IJournal inner) : IJournal
    {
        private readonly TaskCompletionSource refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ConcurrentDictionary<int, bool> buckets = new();
        private volatile bool clouded;

        /// <summary>Every keeper was sent away.</summary>
        public Task Refused => refused.Task;

        public void Refuse() => clouded = true;

        public void Allow() => clouded = false;

        public Task<IReadOnlyList<GoalId>> Due(DueQuery query, CancellationToken ct = default)
        {
            if (!clouded) return inner.Due(query, ct);
            buckets[query.Bucket] = true;
            if (buckets.Count == query.Buckets) refused.TrySetResult();
            throw new JournalUnavailableException("It is away.");
        }

        public ValueTask Append(JournalAppend append, CancellationToken ct = default) => inner.Append(append, ct);

        public Task<IReadOnlyList<JournalEntry>> Read(GoalId goal, long after = 0, CancellationToken ct = default) => inner.Read(goal, after, ct);

        public Task<IReadOnlyList<GoalId>> Unfinished(CancellationToken ct = default) => inner.Unfinished(ct);

        public Task<IReadOnlyList<GoalSummary>> List(GoalQuery query, CancellationToken ct = default) => inner.List(query, ct);
    }
}
