using System.Text.Json;
using AgentMesh.Contracts;
using AgentMesh.Runtime;
using Npgsql;

namespace AgentMesh.Storage.Webhooks;

/// <summary>
/// Makes events of what goals put on record: reads their journals from where it stopped. One host does at a time. It holds no lock on a goal's row, which
/// appends write; what it did before a crash it does again, to no effect.
/// </summary>
internal sealed class WebhookCollector(NpgsqlDataSource source, IJournal journal)
{
    private const int AtOnce = 100;

    // Any number that nothing else in this database uses.
    private const long Lock = 0x61676D5F77686B;

    public async Task<int> Collect(CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        var mine = await Rows(connection, "SELECT pg_try_advisory_lock($1)", r => r.GetBoolean(0), ct, Lock);
        if (!mine[0]) return 0;
        try
        {
            return await Collect(connection, ct);
        }
        finally
        {
            // With the connection, where it is broken, the lock is gone as well.
            if (connection.State == System.Data.ConnectionState.Open) await Execute(connection, "SELECT pg_advisory_unlock($1)", CancellationToken.None, Lock);
        }
    }

    private async Task<int> Collect(NpgsqlConnection connection, CancellationToken ct)
    {
        var goals = await Rows(
            connection, "SELECT goal, tenant, read, last FROM webhook_goals WHERE last > read ORDER BY goal LIMIT $1",
            r => (Goal: new GoalId(r.GetString(0)), Tenant: r.GetString(1), Read: r.GetInt64(2), Last: r.GetInt64(3)), ct, AtOnce);
        if (goals.Count == 0) return 0;
        var webhooks = await Rows(
            connection, "SELECT id, tenant, events, created_at FROM webhooks WHERE tenant = ANY ($1)",
            r => (Id: r.GetString(0), Tenant: r.GetString(1), Events: r.GetFieldValue<string[]>(2), Since: new DateTimeOffset(r.GetDateTime(3))), ct,
            (object)goals.Select(g => g.Tenant).Distinct(StringComparer.Ordinal).ToArray());
        foreach (var (goal, tenant, read, last) in goals)
        {
            var entries = await journal.Read(goal, read, ct);
            foreach (var entry in entries)
            {
                if (WebhookEvents.Name(entry.Event) is not { } name) continue;
                var body = Body(name, goal, tenant, entry);
                foreach (var webhook in webhooks)
                {
                    if (webhook.Tenant != tenant || entry.At < webhook.Since || !webhook.Events.Contains(name, StringComparer.Ordinal)) continue;
                    await Execute(
                        connection, "INSERT INTO webhook_events (webhook, goal, sequence, at, body, next_at) VALUES ($1, $2, $3, $4, $5, $4) ON CONFLICT DO NOTHING", ct,
                        webhook.Id, goal.Value, entry.Sequence, entry.At.UtcDateTime, body);
                }
            }

            if (entries is [.., { Event: GoalEnded }]) await Execute(connection, "DELETE FROM webhook_goals WHERE goal = $1", ct, goal.Value);
            else await Execute(connection, "UPDATE webhook_goals SET read = $2 WHERE goal = $1", ct, goal.Value, entries.Count == 0 ? last : entries[^1].Sequence);
        }

        return goals.Count;
    }

    private static string Body(string name, GoalId goal, string tenant, JournalEntry entry)
    {
        var data = new WebhookData(goal, tenant, entry.Sequence);
        data = entry.Event switch
        {
            ApprovalRequested asked => data with { Request = asked.Request, Step = asked.Step, Tool = asked.Tool },
            ApprovalDecided decided => data with { Request = decided.Request, Verdict = decided.Verdict },
            QuestionAsked asked => data with { Request = asked.Request, Step = asked.Step },
            QuestionAnswered answered => data with { Request = answered.Request },
            _ => data,
        };
        return JsonSerializer.Serialize(new WebhookMessage(name, entry.At, data), MeshJson.Default.WebhookMessage);
    }

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken ct, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection).With(values);
        await command.ExecuteNonQueryAsync(ct);
    }

    private static async Task<List<T>> Rows<T>(NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> row, CancellationToken ct, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection).With(values);
        return await command.Rows(row, ct);
    }
}
