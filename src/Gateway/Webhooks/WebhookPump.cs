using AgentMesh.Runtime;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Gateway.Webhooks;

/// <summary>Bounds of delivery. Every default works.</summary>
public sealed record WebhookOptions
{
    /// <summary>How often the outbox is looked at.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a process that is gone keeps others from delivering its subscriptions.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Waits after the first, second, … failed try; the last one for all further tries.</summary>
    public IReadOnlyList<TimeSpan> Pauses { get; init; } =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1), TimeSpan.FromHours(2),
    ];

    /// <summary>A subscription is given up when one event has failed for so long.</summary>
    public TimeSpan GivenUpAfter { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long delivered events can be replayed, and how long others are kept for one that was given up.</summary>
    public TimeSpan KeepDelivered { get; init; } = TimeSpan.FromDays(7);
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Goals whose events one subscription is sent at once.</summary>
    public int AtOnce { get; init; } = 8;
}

/// <summary>
/// Delivers: at least once, each goal's events in order. Of all gateways over one database one delivers a subscription; when it is gone, another does.
/// </summary>
internal sealed partial class WebhookPump(IWebhookStore store, IWebhookSender sender, WebhookOptions options, TimeProvider time, ILogger<WebhookPump> log) : BackgroundService
{
    private const int Page = 200;
    private static readonly TimeSpan ReleaseWithin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PruneEvery = TimeSpan.FromHours(1);

    private readonly string holder = $"{Environment.MachineName}-{Environment.ProcessId}-{Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(6))}";
    private readonly Dictionary<string, Task> busy = new(StringComparer.Ordinal);
    private DateTimeOffset pruned;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Round(stoppingToken);
                await Task.Delay(options.Every, time, stoppingToken);
            }
            catch (Exception e) when (stoppingToken.IsCancellationRequested)
            {
                LogStopped(log, e.Message);
            }
            catch (Exception e)
            {
                // The store is away. What is to be told is in it.
                LogTrouble(log, e.Message);
                await Task.Delay(options.Every, time, CancellationToken.None);
            }
        }

        await Task.WhenAll(busy.Values);
        try
        {
            using var patience = new CancellationTokenSource(ReleaseWithin, time);
            await store.Release(holder, patience.Token);
        }
        catch (Exception e)
        {
            // Its leases end by themselves.
            LogTrouble(log, e.Message);
        }
    }

    private async Task Round(CancellationToken ct)
    {
        while (await store.Collect(ct) > 0)
        {
            // There may be more.
        }

        foreach (var webhook in await store.Hold(holder, options.Lease, ct))
            if (!busy.TryGetValue(webhook.Webhook.Id, out var delivering) || delivering.IsCompleted) busy[webhook.Webhook.Id] = Guarded(webhook, ct);
        if (time.GetUtcNow() - pruned < PruneEvery) return;
        pruned = time.GetUtcNow();
        await store.Prune(pruned - options.KeepDelivered, pruned - options.Keep, ct);
    }

    private async Task Guarded(StoredWebhook webhook, CancellationToken ct)
    {
        try
        {
            await Deliver(webhook, ct);
        }
        catch (Exception e) when (ct.IsCancellationRequested)
        {
            LogStopped(log, e.Message);
        }
        catch (Exception e)
        {
            LogTrouble(log, e.Message);
        }
    }

    // No longer than half a lease, so that nobody else begins meanwhile; the next round goes on.
    private async Task Deliver(StoredWebhook webhook, CancellationToken ct)
    {
        var begun = time.GetTimestamp();
        while (time.GetElapsedTime(begun) < options.Lease / 2 && await store.Due(webhook.Webhook.Id, time.GetUtcNow(), Page, ct) is { Count: > 0 } due)
        {
            var given = false;
            await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = options.AtOnce, CancellationToken = ct }, async (delivery, token) =>
            {
                if (!given && time.GetElapsedTime(begun) < options.Lease / 2 && !await Send(webhook, delivery, token)) given = true;
            });
            if (given) return;
        }
    }

    /// <returns>False when the subscription was given up.</returns>
    private async Task<bool> Send(StoredWebhook webhook, WebhookDelivery delivery, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var answer = await sender.Send(new Uri(webhook.Webhook.Url), WebhookSignature.Headers(webhook, delivery.Id, now, delivery.Body), delivery.Body, ct);
        var after = time.GetUtcNow();
        if (answer.Error is not { } error)
        {
            await store.Delivered(delivery, after, ct);
            return true;
        }

        await store.Failed(delivery, now, after + options.Pauses[Math.Min(delivery.Attempts, options.Pauses.Count - 1)], error, ct);
        // 410 is how a receiver says that it wants no more.
        if (answer.Status != 410 && (delivery.FirstTriedAt is not { } first || after - first < options.GivenUpAfter)) return true;
        var why = answer.Status == 410 ? "The receiver answered 410: it wants no more events." : $"An event failed for {options.GivenUpAfter.TotalHours:0.#} h. The last try: {error}";
        await store.Disable(webhook.Webhook.Id, why, after, ct);
        LogGivenUp(log, webhook.Webhook.Id, webhook.Webhook.Tenant, why);
        return false;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhook {Webhook} of tenant {Tenant} was disabled: {Why}")]
    private static partial void LogGivenUp(ILogger log, string webhook, string tenant, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhooks wait for the store: {Reason}")]
    private static partial void LogTrouble(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Webhooks stopped: {Reason}")]
    private static partial void LogStopped(ILogger log, string reason);
}
