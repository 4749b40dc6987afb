using AgentMesh.Contracts;
using AgentMesh.Runtime;
using Npgsql;

namespace AgentMesh.Storage.Webhooks;

/// <summary>Subscriptions as rows, and an outbox that a trigger on the list of goals fills.</summary>
/// <remarks>Times of leases are the database's, so that hosts with wrong clocks do not deliver together.</remarks>
public sealed class PostgresWebhooks(NpgsqlDataSource source, IJournal journal, StorageOptions options, TimeProvider time) : IWebhookStore
{
    private const string View = "id, tenant, url, events, created_at, created_by, delivered_at, failing_since, error, disabled_at, (SELECT count(*)::int FROM webhook_events e WHERE e.webhook = w.id AND e.delivered_at IS NULL)";

    // A receiver that reads headers of a few kB must not be lost by an operator who rotates all day.
    private const string Secrets = "secret, ARRAY(SELECT s.secret FROM webhook_secrets s WHERE s.webhook = w.id AND s.until > now() ORDER BY s.until DESC LIMIT 8)";

    private readonly Statements statements = new(source, options, time);
    private readonly WebhookCollector collector = new(source, journal);

    /// <inheritdoc/>
    /// <exception cref="StoreUnavailableException">The store stayed away.</exception>
    public Task Add(StoredWebhook webhook, CancellationToken ct = default) => statements.Write(
        """
        WITH listening AS (SELECT webhooks_listen())
        INSERT INTO webhooks (id, tenant, url, events, secret, created_at, created_by) SELECT $1, $2, $3, $4, $5, $6, $7 FROM listening ON CONFLICT (id) DO NOTHING
        """,
        ct, webhook.Webhook.Id, webhook.Webhook.Tenant, webhook.Webhook.Url, webhook.Webhook.Events.ToArray(), webhook.Secret, webhook.Webhook.CreatedAt.UtcDateTime, webhook.Webhook.CreatedBy);

    public async Task<IReadOnlyList<WebhookView>> List(string? tenant, CancellationToken ct = default) =>
        await statements.Read($"SELECT {View} FROM webhooks w WHERE $1::text IS NULL OR tenant = $1 ORDER BY created_at DESC, id", Row, ct, tenant);

    public async Task<StoredWebhook?> Find(string id, CancellationToken ct = default) => (await statements.Read(
        $"SELECT {View}, {Secrets} FROM webhooks w WHERE id = $1", Stored, ct, id)).SingleOrDefault();

    public Task Remove(string id, CancellationToken ct = default) => statements.Write("DELETE FROM webhooks WHERE id = $1", ct, id);

    public Task Rotate(string id, string secret, DateTimeOffset oldUntil, CancellationToken ct = default) => statements.Write(
        """
        WITH present AS (SELECT id, secret FROM webhooks WHERE id = $1 AND secret <> $2 FOR UPDATE),
             past AS (DELETE FROM webhook_secrets WHERE webhook = $1 AND until <= now()),
             kept AS (INSERT INTO webhook_secrets (webhook, secret, until) SELECT id, secret, $3 FROM present ON CONFLICT DO NOTHING)
        UPDATE webhooks w SET secret = $2 FROM present WHERE w.id = present.id
        """,
        ct, id, secret, oldUntil.UtcDateTime);

    public Task Enable(string id, CancellationToken ct = default) => statements.Write(
        """
        WITH again AS (UPDATE webhook_events SET next_at = now(), attempts = 0, tried_at = NULL WHERE webhook = $1 AND delivered_at IS NULL)
        UPDATE webhooks SET disabled_at = NULL, failing_since = NULL, error = NULL WHERE id = $1
        """,
        ct, id);

    public Task Disable(string id, string why, DateTimeOffset at, CancellationToken ct = default) =>
        statements.Write("UPDATE webhooks SET disabled_at = coalesce(disabled_at, $3), error = $2 WHERE id = $1", ct, id, why, at.UtcDateTime);

    public async Task<int> Replay(string id, DateTimeOffset? since, string? after, CancellationToken ct = default)
    {
        const string Again = "UPDATE webhook_events SET delivered_at = NULL, attempts = 0, tried_at = NULL, next_at = now() WHERE webhook = $1 AND";
        if (since is { } from) return await statements.Write($"{Again} at >= $2", ct, id, from.UtcDateTime);
        var dot = after!.LastIndexOf('.');
        if (dot <= 0 || !long.TryParse(after.AsSpan(dot + 1), out var sequence)) return -1;
        var known = await statements.Read("SELECT at FROM webhook_events WHERE webhook = $1 AND goal = $2 AND sequence = $3", r => r.GetDateTime(0), ct, id, after[..dot], sequence);
        return known.Count == 0 ? -1 : await statements.Write($"{Again} (at, goal, sequence) > ($2, $3, $4)", ct, id, known[0], after[..dot], sequence);
    }

    public Task<int> Collect(CancellationToken ct = default) => StoreTrouble.Outlast(time, options.JournalPatience, token => collector.Collect(token), ct);

    public async Task<IReadOnlyList<StoredWebhook>> Hold(string holder, TimeSpan lease, CancellationToken ct = default) => await statements.Read(
        $"""
        UPDATE webhooks w SET held_by = $1, held_until = now() + $2 WHERE disabled_at IS NULL AND (held_by = $1 OR held_until IS NULL OR held_until < now())
        RETURNING {View}, {Secrets}
        """,
        Stored, ct, holder, lease);

    public Task Release(string holder, CancellationToken ct = default) => statements.Write("UPDATE webhooks SET held_until = now() WHERE held_by = $1", ct, holder);

    public async Task<IReadOnlyList<WebhookDelivery>> Due(string id, DateTimeOffset now, int limit, CancellationToken ct = default) => await statements.Read(
        """
        SELECT webhook, goal, sequence, body, attempts, tried_at, next_at FROM (
            SELECT DISTINCT ON (goal) webhook, goal, sequence, body, attempts, tried_at, next_at, at FROM webhook_events WHERE webhook = $1 AND delivered_at IS NULL ORDER BY goal, sequence
        ) first WHERE next_at <= $2 ORDER BY at LIMIT $3
        """,
        r => new WebhookDelivery(r.GetString(0), new(r.GetString(1)), r.GetInt64(2), r.GetString(3), r.GetInt32(4), r.TimeOrNull(5), new(r.GetDateTime(6))), ct, id, now.UtcDateTime, limit);

    public Task Delivered(WebhookDelivery delivery, DateTimeOffset at, CancellationToken ct = default) => statements.Write(
        """
        WITH done AS (UPDATE webhook_events SET delivered_at = $4 WHERE webhook = $1 AND goal = $2 AND sequence = $3 AND next_at = $5)
        UPDATE webhooks SET delivered_at = $4, failing_since = NULL, error = NULL WHERE id = $1
        """,
        ct, delivery.Webhook, delivery.Goal.Value, delivery.Sequence, at.UtcDateTime, delivery.DueAt.UtcDateTime);

    public Task Failed(WebhookDelivery delivery, DateTimeOffset at, DateTimeOffset next, string error, CancellationToken ct = default) => statements.Write(
        """
        WITH tried AS (UPDATE webhook_events SET attempts = $4, tried_at = coalesce(tried_at, $5), next_at = $6 WHERE webhook = $1 AND goal = $2 AND sequence = $3)
        UPDATE webhooks SET failing_since = coalesce(failing_since, $5), error = $7 WHERE id = $1
        """,
        ct, delivery.Webhook, delivery.Goal.Value, delivery.Sequence, delivery.Attempts + 1, at.UtcDateTime, next.UtcDateTime, error);

    public Task Prune(DateTimeOffset delivered, DateTimeOffset everything, CancellationToken ct = default) =>
        statements.Write("DELETE FROM webhook_events WHERE (delivered_at < $1) OR at < $2", ct, delivered.UtcDateTime, everything.UtcDateTime);

    private static StoredWebhook Stored(NpgsqlDataReader row) => new(Row(row), row.GetString(11), row.GetFieldValue<string[]>(12));

    private static WebhookView Row(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetFieldValue<string[]>(3), new(row.GetDateTime(4)), row.GetString(5), row.GetInt32(10), row.TimeOrNull(6), row.TimeOrNull(7),
        row.TextOrNull(8), row.TimeOrNull(9));
}
