using System.Runtime.CompilerServices;
using System.Text.Json;
using AgentMesh.Contracts;
using AgentMesh.Runtime;
using Npgsql;

namespace AgentMesh.Storage.Inbox;

/// <summary>The inbox as a table; NOTIFY wakes the listener at once, and a look every few seconds finds what a lost notification hid.</summary>
public sealed class PostgresInbox(NpgsqlDataSource source, StorageOptions options, TimeProvider time) : IInbox
{
    private const string Channel = "agentmesh_inbox";
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    public Task Post(GoalId goal, GoalEvent @event, CancellationToken ct = default) =>
        StoreTrouble.Outlast(time, options.JournalPatience, async token =>
        {
            await using var post = source.CreateCommand($"WITH posted AS (INSERT INTO inbox (goal, event, posted_at) VALUES ($1, $2, $3)) SELECT pg_notify('{Channel}', '')");
            post.Parameters.Add(new() { Value = goal.Value });
            post.Parameters.Add(new() { Value = JsonSerializer.SerializeToUtf8Bytes(@event, MeshJson.Default.GoalEvent) });
            post.Parameters.Add(new() { Value = time.GetUtcNow().UtcDateTime });
            return await post.ExecuteNonQueryAsync(token);
        }, ct);

    public async IAsyncEnumerable<InboxItem> Listen([EnumeratorCancellation] CancellationToken ct = default)
    {
        // Ids become visible in another order than they were given, so what was seen is a set, not a mark. It holds what is not done yet, which is little.
        var seen = new HashSet<long>();
        NpgsqlConnection? connection = null;
        try
        {
            for (var attempt = 0; ;)
            {
                var items = new List<InboxItem>();
                try
                {
                    connection ??= await Connect(ct);
                    await Look(connection, seen, items, ct);
                    if (items.Count == 0) await Wait(connection, ct);
                    attempt = 0;
                }
                catch (Exception trouble) when (StoreTrouble.MayPass(trouble) && !ct.IsCancellationRequested)
                {
                    if (connection is not null) await connection.DisposeAsync();
                    connection = null;
                    items.Clear();
                    await Task.Delay(StoreTrouble.Pause(attempt++), time, ct);
                }
                foreach (var item in items) yield return item;
            }
        }
        finally
        {
            if (connection is not null) await connection.DisposeAsync();
        }
    }

    public Task Done(long id, CancellationToken ct = default) =>
        StoreTrouble.Outlast(time, options.JournalPatience, async token =>
        {
            await using var done = source.CreateCommand("DELETE FROM inbox WHERE id = $1");
            done.Parameters.Add(new() { Value = id });
            return await done.ExecuteNonQueryAsync(token);
        }, ct);

    private async Task<NpgsqlConnection> Connect(CancellationToken ct)
    {
        var connection = await source.OpenConnectionAsync(ct);
        try
        {
            await using var listen = new NpgsqlCommand($"LISTEN {Channel}", connection);
            await listen.ExecuteNonQueryAsync(ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task Look(NpgsqlConnection connection, HashSet<long> seen, List<InboxItem> items, CancellationToken ct)
    {
        await using var look = new NpgsqlCommand("SELECT id, goal, event, posted_at FROM inbox ORDER BY id", connection);
        await using var reader = await look.ExecuteReaderAsync(ct);
        var present = new HashSet<long>();
        while (await reader.ReadAsync(ct))
        {
            var id = reader.GetInt64(0);
            present.Add(id);
            if (seen.Contains(id)) continue;
            items.Add(new(
                id, new(reader.GetString(1)), JsonSerializer.Deserialize(reader.GetFieldValue<byte[]>(2), MeshJson.Default.GoalEvent)!, new(reader.GetDateTime(3))));
        }
        seen.Clear();
        seen.UnionWith(present);
    }

    private async Task Wait(NpgsqlConnection connection, CancellationToken ct)
    {
        using var look = new CancellationTokenSource(LookEvery, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(look.Token, ct);
        try
        {
            await connection.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // Time to look.
        }
    }
}
