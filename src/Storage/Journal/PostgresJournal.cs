using System.Threading.Channels;
using AgentMesh.Contracts;
using AgentMesh.Runtime;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace AgentMesh.Storage.Journal;

/// <summary>The journal in PostgreSQL: group commit with the fence inside the write. Calls wait for a store that is away up to the configured patience.</summary>
public sealed class PostgresJournal : IJournal, IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;
    private readonly TimeProvider _time;
    private readonly TimeSpan _patience;
    private readonly JournalLane[] _lanes;

    /// <param name="source">The caller keeps and disposes it.</param>
    public PostgresJournal(NpgsqlDataSource source, StorageOptions options, TimeProvider time, ILogger<PostgresJournal> logger)
    {
        (_source, _time, _patience) = (source, time, options.JournalPatience);
        _lanes = [.. Enumerable.Range(0, options.JournalWriters).Select(_ => new JournalLane(source, Math.Max(1, options.JournalQueue / options.JournalWriters), time, logger))];
    }

    /// <inheritdoc/>
    /// <remarks>When the token is cancelled after the append was sent, it may be stored all the same; the next append or read shows it.</remarks>
    public async ValueTask Append(JournalAppend append, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        append.Check();
        var pending = new PendingAppend(append);
        var lane = _lanes[(uint)StringComparer.Ordinal.GetHashCode(append.Goal.Value) % (uint)_lanes.Length];
        try
        {
            var queued = lane.Enqueue(pending, ct);
            if (!queued.IsCompletedSuccessfully) await queued.AsTask().WaitAsync(_patience, _time, ct);
            await pending.Task.WaitAsync(_patience, _time, ct);
        }
        catch (TimeoutException)
        {
            pending.Abandoned = true;
            throw new JournalUnavailableException(
                $"The journal could not be written for {_patience.TotalSeconds:0.#} s. {(lane.Trouble is { } trouble ? StoreTrouble.Describe(trouble) : "The store is too slow.")}", lane.Trouble);
        }
        catch (OperationCanceledException)
        {
            pending.Abandoned = true;
            throw;
        }
        catch (ChannelClosedException closed)
        {
            throw new JournalUnavailableException("The journal is closed.", closed);
        }
    }

    public Task<IReadOnlyList<JournalEntry>> Read(GoalId goal, long after = 0, CancellationToken ct = default) =>
        Patiently<IReadOnlyList<JournalEntry>>(async token =>
        {
            // From the row that holds `after` on, found by its key.
            await using var command = _source.CreateCommand("""
                SELECT first, entries FROM journal
                WHERE goal = $1 AND last > $2
                  AND first >= coalesce((SELECT first FROM journal WHERE goal = $1 AND first <= $2 ORDER BY first DESC LIMIT 1), 0)
                ORDER BY first
                """);
            command.Parameters.Add(new() { Value = goal.Value });
            command.Parameters.Add(new() { Value = after });
            await using var reader = await command.ExecuteReaderAsync(token);
            var entries = new List<JournalEntry>();
            while (await reader.ReadAsync(token)) JournalCodec.Read(reader.GetFieldValue<byte[]>(1), reader.GetInt64(0), after, entries);
            return entries;
        }, ct);

    public Task<IReadOnlyList<GoalId>> Unfinished(CancellationToken ct = default) =>
        Patiently<IReadOnlyList<GoalId>>(async token =>
        {
            await using var command = _source.CreateCommand("SELECT goal FROM goals WHERE ended IS NULL ORDER BY submitted_at, goal");
            await using var reader = await command.ExecuteReaderAsync(token);
            var goals = new List<GoalId>();
            while (await reader.ReadAsync(token)) goals.Add(new(reader.GetString(0)));
            return goals;
        }, ct);

    public Task<IReadOnlyList<GoalId>> Due(DueQuery query, CancellationToken ct = default)
    {
        query.Check();
        return Patiently(token => DueGoals.Read(_source, query, token), ct);
    }

    public Task<IReadOnlyList<GoalSummary>> List(GoalQuery query, CancellationToken ct = default) =>
        Patiently<IReadOnlyList<GoalSummary>>(async token =>
        {
            await using var command = GoalList.Command(_source, query);
            await using var reader = await command.ExecuteReaderAsync(token);
            var goals = new List<GoalSummary>();
            while (await reader.ReadAsync(token)) goals.Add(GoalList.Row(reader));
            return goals;
        }, ct);

    /// <summary>Writes what is queued, within a few seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var lane in _lanes) await lane.DisposeAsync();
    }

    private Task<T> Patiently<T>(Func<CancellationToken, Task<T>> read, CancellationToken ct) => JournalPatience.Outlast(_time, _patience, read, ct);
}
