using AgentMesh.Contracts;
using AgentMesh.Runtime;

namespace AgentMesh.Simulation;

/// <summary>The store behind every life of the host, with the ways in which a store and the way to it can fail.</summary>
internal sealed class SimJournal(SimWorld world)
{
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(8);
    private readonly List<JournalEntry> entries = [];
    private readonly List<(long Expected, int Count, SimHost Writer)> appends = [];
    private long acknowledged;
    private DateTimeOffset awayUntil;

    public IReadOnlyList<JournalEntry> Entries => entries;

    public IJournal For(SimHost life) => new Port(this, life);

    private bool IsAway => world.IsChaotic && world.Clock.Now < awayUntil;

    private async ValueTask Append(SimHost life, JournalAppend append)
    {
        if (world.Fault(world.Profile.Unavailable)) awayUntil = world.Clock.Now + world.Random.Within(TimeSpan.FromSeconds(20));
        if (world.Fault(world.Profile.CrashAtAppend / 2)) CrashOf(life, "before a write");
        var written = new TaskCompletionSource();
        if (world.Random.Chance(world.Profile.Instant) && life.IsAlive) Write(life, append, written);
        else world.Clock.After(world.Random.Within(Latency), () => Write(life, append, written));
        await written.Task;
        if (world.Fault(world.Profile.CrashAtAppend / 2)) CrashOf(life, "after a write");
        if (!life.IsAlive) await SimWorld.Never;
        if (world.Fault(world.Profile.LostAck)) throw new JournalUnavailableException("The answer was lost.");
        // A host that was replaced hears at once: what it holds back for long after a claim, no journal can fence.
        if (!life.IsReplaced) await world.Wait(life, Latency);
        else if (!life.IsAlive) await SimWorld.Never;
        acknowledged = Math.Max(acknowledged, append.Entries[^1].Sequence);
    }

    private void Write(SimHost life, JournalAppend append, TaskCompletionSource written)
    {
        // The request of a host that died may have left it before.
        if (!life.IsAlive && world.Random.Chance(0.5)) return;
        if (IsAway)
        {
            if (life.IsAlive) written.TrySetException(new JournalUnavailableException("The store is away."));
            return;
        }

        var stale = append.Expected != entries.Count;
        if (stale && world.Mutation != Mutation.DroppedFencing)
        {
            world.Note($"host {life.Number} is stale: expected {append.Expected}, is {entries.Count}");
            if (life.IsAlive) written.TrySetException(new StaleWriterException(append.Goal, append.Expected));
            return;
        }

        entries.AddRange(append.Entries);
        appends.Add((append.Expected, append.Entries.Count, life));
        foreach (var entry in append.Entries) world.Note($"host {life.Number} wrote {entry.Sequence} {Compact.Of(entry.Event)}");
        world.Checks.OnAppend(append.Entries, stale);
        world.People.OnChange();
        if (life.IsAlive) written.TrySetResult();
    }

    private async Task<IReadOnlyList<JournalEntry>> Read(SimHost life, long after)
    {
        await world.Wait(life, Latency);
        if (!life.IsAlive) await SimWorld.Never;
        if (IsAway) throw new JournalUnavailableException("The store is away.");
        if (world.Mutation == Mutation.AcknowledgedTooEarly && world.Crashes > 0 && appends is [.., { Writer: var last } lost] && last != life && acknowledged == entries.Count && world.Random.Chance(0.3))
        {
            entries.RemoveRange((int)lost.Expected, lost.Count);
            appends.RemoveAt(appends.Count - 1);
        }

        if (entries.Count < acknowledged)
            world.Violate(Check.AcknowledgedIsDurable, $"Entry {acknowledged} was acknowledged, and the journal ends at {entries.Count}.");
        return entries[(int)after..];
    }

    private void CrashOf(SimHost life, string why)
    {
        if (world.Host == life) world.Crash(why);
    }

    private sealed class Port(SimJournal journal, SimHost life) : IJournal
    {
        public ValueTask Append(JournalAppend append, CancellationToken ct = default) => journal.Append(life, append);

        public Task<IReadOnlyList<JournalEntry>> Read(GoalId goal, long after = 0, CancellationToken ct = default) => journal.Read(life, after);

        public Task<IReadOnlyList<GoalId>> Unfinished(CancellationToken ct = default) => throw new NotSupportedException();

        public Task<IReadOnlyList<GoalId>> Due(DueQuery query, CancellationToken ct = default) => throw new NotSupportedException();

        public Task<IReadOnlyList<GoalSummary>> List(GoalQuery query, CancellationToken ct = default) => throw new NotSupportedException();
    }
}
