using System.Text.Json;
using AgentMesh.Contracts;

namespace AgentMesh.Runtime.InMemory;

/// <summary>A journal that lasts as long as its process: for tests and simulation. Safe for concurrent use. Times are cut to milliseconds, as stored ones are.</summary>
public sealed class InMemoryJournal : IJournal, IWriterRegistry
{
    private readonly Lock _lock = new();
    private readonly Dictionary<GoalId, Goal> _goals = [];
    private readonly HashSet<string> _retired = [];

    public ValueTask Append(JournalAppend append, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        append.Check();
        lock (_lock)
        {
            if (_retired.Contains(append.Writer)) throw new RetiredWriterException(append.Goal, append.Writer);
            if (!_goals.TryGetValue(append.Goal, out var goal)) _goals.Add(append.Goal, goal = new Goal());
            if (goal.Entries.Count != append.Expected)
            {
                if (goal.Has(append)) return ValueTask.CompletedTask;
                throw new StaleWriterException(append.Goal, append.Expected);
            }
            foreach (var entry in append.Entries)
                goal.Entries.Add(entry with { At = DateTimeOffset.FromUnixTimeMilliseconds(entry.At.ToUnixTimeMilliseconds()) });
            goal.Writers.Add(append.Expected, (append.Writer, append.Entries.Count));
            goal.Summary = append.Summary ?? goal.Summary;
        }
        return ValueTask.CompletedTask;
    }

    public Task<IReadOnlyList<JournalEntry>> Read(GoalId goal, long after = 0, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<JournalEntry>>(
                _goals.TryGetValue(goal, out var found) && after < found.Entries.Count ? found.Entries[(int)Math.Max(0, after)..] : []);
        }
    }

    public Task<IReadOnlyList<GoalId>> Unfinished(CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<GoalId>>(
            [
                .. from summary in Summaries()
                   where !IsOver(summary)
                   orderby summary.SubmittedAt
                   select summary.Goal,
            ]);
        }
    }

    public Task<IReadOnlyList<GoalId>> Due(DueQuery query, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        query.Check();
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<GoalId>>(
            [
                .. Summaries()
                    .Where(s => !IsOver(s) && (s.Status != GoalStatus.Waiting || s.Deadline <= query.Until))
                    .Select(s => s.Goal)
                    .Where(g => query.After is null || string.CompareOrdinal(g.Value, query.After.Value.Value) > 0)
                    .Where(g => (uint)StringComparer.Ordinal.GetHashCode(g.Value) % (uint)query.Buckets == (uint)query.Bucket)
                    .OrderBy(g => g.Value, StringComparer.Ordinal)
                    .Take(query.Limit),
            ]);
        }
    }

    public Task Retire(string writer, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        JournalChecks.CheckWriter(writer);
        lock (_lock) _retired.Add(writer);
        return Task.CompletedTask;
    }

    public Task<bool> IsRetired(string writer, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        lock (_lock) return Task.FromResult(_retired.Contains(writer));
    }

    public Task<IReadOnlyList<GoalSummary>> List(GoalQuery query, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<GoalSummary>>(
            [
                .. Summaries()
                    .Where(s => query.Tenant is null || s.Tenant == query.Tenant)
                    .Where(s => query.Statuses is not { Count: > 0 } || query.Statuses.Contains(s.Status))
                    .Where(s => query.Before is null || string.CompareOrdinal(s.Goal.Value, query.Before.Value.Value) < 0)
                    .OrderByDescending(s => s.Goal.Value, StringComparer.Ordinal)
                    .Take(query.Limit),
            ]);
        }
    }

    private static bool IsOver(GoalSummary summary) => summary.Status is GoalStatus.Completed or GoalStatus.Failed or GoalStatus.Cancelled;

    private IEnumerable<GoalSummary> Summaries() => _goals.Values.Select(g => g.Summary).OfType<GoalSummary>();

    private sealed class Goal
    {
        public List<JournalEntry> Entries { get; } = [];

        /// <summary>By expected sequence: who appended there, and how much.</summary>
        public Dictionary<long, (string Writer, int Count)> Writers { get; } = [];
        public GoalSummary? Summary { get; set; }

        /// <summary>Whether this very append went in before and only its answer was lost.</summary>
        public bool Has(JournalAppend append) =>
            Writers.TryGetValue(append.Expected, out var row) && row == (append.Writer, append.Entries.Count) &&
            append.Entries.All(e => Json(e) == Json(Entries[(int)e.Sequence - 1]));

        private static string Json(JournalEntry entry) =>
            entry.At.ToUnixTimeMilliseconds() + JsonSerializer.Serialize(entry.Event, MeshJson.Default.GoalEvent);
    }
}
