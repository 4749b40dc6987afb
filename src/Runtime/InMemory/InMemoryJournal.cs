using System.Text.Json;
using AgentMesh.Contracts;

namespace AgentMesh.Runtime.InMemory;

/// <summary>A journal that lasts as long as its process: for tests and simulation. Safe for concurrent use. Times are cut to milliseconds, as stored ones are.</summary>
public sealed class InMemoryJournal : IJournal, IWriterRegistry, IUsage
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
            var before = query.Before is { } last ? _goals.GetValueOrDefault(last)?.Summary : null;
            if (query.Before is not null && before is null) return Task.FromResult<IReadOnlyList<GoalSummary>>([]);
            return Task.FromResult<IReadOnlyList<GoalSummary>>(
            [
                .. Summaries()
                    .Where(s => query.Tenant is null || s.Tenant == query.Tenant)
                    .Where(s => query.Statuses is not { Count: > 0 } || query.Statuses.Contains(s.Status))
                    .Where(s => query.Since is null || s.SubmittedAt >= query.Since)
                    .Where(s => query.Text is null || HasWords(s.Text, query.Text))
                    .Where(s => !query.Asking || (!IsOver(s) && (s.Asks > 0 || s.Status == GoalStatus.Waiting)))
                    .Where(s => before is null || Newer(before, s) < 0)
                    .Order(Comparer<GoalSummary>.Create(Newer))
                    .Take(query.Limit),
            ]);
        }
    }

    Task<IReadOnlyList<UsageDay>> IUsage.Read(UsageQuery query, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<UsageDay>>(
            [
                .. from goal in Summaries()
                   where query.Tenant is null || goal.Tenant == query.Tenant
                   group goal by (Day: DateOnly.FromDateTime(goal.SubmittedAt.UtcDateTime), goal.Tenant) into day
                   where day.Key.Day >= query.From && day.Key.Day <= query.To
                   orderby day.Key.Day, day.Key.Tenant
                   select new UsageDay(
                       day.Key.Day, day.Key.Tenant, day.Count(), day.Count(g => g.Status == GoalStatus.Completed), day.Count(g => g.Status == GoalStatus.Failed),
                       day.Count(g => g.Status == GoalStatus.Cancelled), Sum(day)),
            ]);
        }
    }

    private static List<ModelUsage> Sum(IEnumerable<GoalSummary> goals) =>
    [
        .. from spent in goals.SelectMany(g => g.Spent ?? [])
           group spent.Usage by spent.Model into model
           orderby model.Key is not null, model.Key
           select new ModelUsage(model.Key, model.Aggregate(Usage.Add)),
    ];

    private static int Newer(GoalSummary a, GoalSummary b) =>
        b.SubmittedAt.CompareTo(a.SubmittedAt) is not 0 and var later ? later : string.CompareOrdinal(b.Goal.Value, a.Goal.Value);

    private static bool HasWords(string text, string words) =>
        words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).All(w => text.Contains(w, StringComparison.OrdinalIgnoreCase));

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
