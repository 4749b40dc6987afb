using AgentMesh.Runtime;
using Npgsql;

namespace AgentMesh.Storage.Journal;

/// <summary>The writers' rows, against which every append is checked as it is written.</summary>
public sealed class PostgresWriters(NpgsqlDataSource source, StorageOptions options, TimeProvider time) : IWriterRegistry
{
    /// <summary>How often the update that waits looks for what holds it.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(200);

    /// <summary>An append takes milliseconds; one that is still open then has a dead or frozen host behind it.</summary>
    internal TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    /// <remarks>Waits for the writer's appends that are under way. Those that stay open for more than a second lose their connection.</remarks>
    public Task Retire(string writer, CancellationToken ct = default)
    {
        JournalChecks.CheckWriter(writer);
        return JournalPatience.Outlast(time, options.JournalPatience, async token =>
        {
            await using var connection = await source.OpenConnectionAsync(token);
            await using var retire = new NpgsqlCommand("""
                INSERT INTO writers (writer, retired_at) VALUES ($1, now())
                ON CONFLICT (writer) DO UPDATE SET retired_at = EXCLUDED.retired_at WHERE writers.retired_at IS NULL
                """, connection) { Parameters = { new() { Value = writer } } };
            using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(token);
            var retired = retire.ExecuteNonQueryAsync(giveUp.Token);
            try
            {
                for (var wait = Grace; !await EndsWithin(retired, wait, token); wait = Again) await Unblock(connection.ProcessID, token);
            }
            catch
            {
                await giveUp.CancelAsync();
                await retired.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                throw;
            }
            return await retired;
        }, ct);
    }

    public Task<bool> IsRetired(string writer, CancellationToken ct = default) =>
        JournalPatience.Outlast(time, options.JournalPatience, async token =>
        {
            await using var command = source.CreateCommand("SELECT 1 FROM writers WHERE writer = $1 AND retired_at IS NOT NULL");
            command.Parameters.Add(new() { Value = writer });
            return await command.ExecuteScalarAsync(token) is not null;
        }, ct);

    private async Task<bool> EndsWithin(Task work, TimeSpan wait, CancellationToken ct)
    {
        var waited = await Task.WhenAny(work, Task.Delay(wait, time, ct));
        return waited == work || ct.IsCancellationRequested;
    }

    /// <summary>
    /// Ends the sessions that the waiting one waits for. Only the retired writer's appends hold its row, and another retirement of the same writer,
    /// which waits itself.
    /// </summary>
    private async Task Unblock(int waiting, CancellationToken ct)
    {
        await using var end = source.CreateCommand("""
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE pid = ANY (pg_blocking_pids($1)) AND wait_event_type IS DISTINCT FROM 'Lock'
            """);
        end.Parameters.Add(new() { Value = waiting });
        await end.ExecuteNonQueryAsync(ct);
    }
}
