using AgentMesh.Contracts;

namespace AgentMesh.Runtime;

/// <summary>A subscription with what signs its messages.</summary>
/// <param name="Secret">Base64, without its prefix.</param>
/// <param name="OldSecrets">Those before, newest first: each signs as well for a day after it was replaced.</param>
public sealed record StoredWebhook(WebhookView Webhook, string Secret, IReadOnlyList<string>? OldSecrets = null);

/// <summary>One event for one subscription.</summary>
/// <param name="Body">The message, the same at every try.</param>
/// <param name="Attempts">Tries that failed.</param>
/// <param name="FirstTriedAt">When the first of them was; null before it.</param>
/// <param name="DueAt">When this try was due. Another time by the end of it says that a replay was asked for meanwhile.</param>
public sealed record WebhookDelivery(string Webhook, GoalId Goal, long Sequence, string Body, int Attempts, DateTimeOffset? FirstTriedAt, DateTimeOffset DueAt)
{
    /// <summary>The same for every try, so that a receiver knows a repeat.</summary>
    public string Id => $"{Goal.Value}.{Sequence}";
}

/// <summary>Subscriptions and their events, durable. Events come from the journal in the same commit as what they tell of.</summary>
public interface IWebhookStore
{
    /// <summary>From now on the tenant's goals are told of.</summary>
    Task Add(StoredWebhook webhook, CancellationToken ct = default);

    /// <summary>Newest first.</summary>
    /// <param name="tenant">Null for all.</param>
    Task<IReadOnlyList<WebhookView>> List(string? tenant, CancellationToken ct = default);

    Task<StoredWebhook?> Find(string id, CancellationToken ct = default);

    /// <summary>With its events.</summary>
    Task Remove(string id, CancellationToken ct = default);

    /// <summary>The present secret stays good until <paramref name="oldUntil"/>, those before it until their own times.</summary>
    Task Rotate(string id, string secret, DateTimeOffset oldUntil, CancellationToken ct = default);

    /// <summary>Tries again at once what waits.</summary>
    Task Enable(string id, CancellationToken ct = default);

    Task Disable(string id, string why, DateTimeOffset at, CancellationToken ct = default);

    /// <summary>Makes events that were delivered due again.</summary>
    /// <param name="after">An event's id; null to go by time.</param>
    /// <returns>How many; -1 when there is no such event any more.</returns>
    Task<int> Replay(string id, DateTimeOffset? since, string? after, CancellationToken ct = default);

    /// <summary>Makes events of what was put on record since. Whoever calls does a part; no event is made twice.</summary>
    /// <returns>Goals that were looked at.</returns>
    Task<int> Collect(CancellationToken ct = default);

    /// <summary>Takes the subscriptions that nobody else delivers now, or keeps those that this one does.</summary>
    /// <param name="holder">Names the process.</param>
    Task<IReadOnlyList<StoredWebhook>> Hold(string holder, TimeSpan lease, CancellationToken ct = default);

    /// <summary>Lets others take what this one delivers, at once.</summary>
    Task Release(string holder, CancellationToken ct = default);

    /// <summary>The next event of each goal that is due: a goal's later ones wait for it.</summary>
    Task<IReadOnlyList<WebhookDelivery>> Due(string id, DateTimeOffset now, int limit, CancellationToken ct = default);

    /// <summary>Notes that a receiver took the event. One that was to be replayed since stays due.</summary>
    Task Delivered(WebhookDelivery delivery, DateTimeOffset at, CancellationToken ct = default);

    Task Failed(WebhookDelivery delivery, DateTimeOffset at, DateTimeOffset next, string error, CancellationToken ct = default);

    /// <summary>Forgets what was delivered before one time, and everything before another.</summary>
    Task Prune(DateTimeOffset delivered, DateTimeOffset everything, CancellationToken ct = default);
}

/// <summary>Posts to where a subscription says, and nowhere else: no redirects, no private networks unless the operator allows them.</summary>
public interface IWebhookSender
{
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    Task<WebhookTested> Send(Uri url, IReadOnlyDictionary<string, string> headers, string body, CancellationToken ct);

    /// <summary>Why nothing may be sent there, or null. A name is checked when it is connected to.</summary>
    string? Refusal(Uri url);
}
