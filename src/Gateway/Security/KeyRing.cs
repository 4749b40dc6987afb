using System.Collections.Concurrent;
using AgentMesh.Contracts;
using AgentMesh.Gateway.Http;
using AgentMesh.Runtime;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Gateway.Security;

/// <summary>
/// Knows callers by their API keys. What the store said is believed for some seconds, so that a request costs no query; a key that is revoked here
/// ends at once, one that is revoked at another gateway within those seconds.
/// </summary>
internal sealed partial class KeyRing(IKeyStore store, GatewayOptions options, TimeProvider time, ILogger<KeyRing> log) : IDisposable
{
    public static readonly TimeSpan Belief = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan UseGrain = TimeSpan.FromMinutes(5);
    private const int MostKnown = 10_000, MostLookups = 4;

    private readonly ConcurrentDictionary<string, (StoredKey? Key, DateTimeOffset At)> known = new(StringComparer.Ordinal);
    private readonly ApiKey? admin = options.Auth.AdminKey is { } text ? ApiKey.Parse(text) : null;
    // Keys that nobody ever made cannot be known beforehand; looking them up must leave the database to those who have work there.
    private readonly SemaphoreSlim lookups = new(MostLookups);

    /// <exception cref="ProblemException">401: the key is none of ours, or its time is over.</exception>
    public async ValueTask<Caller> Check(string text, CancellationToken ct)
    {
        var shown = ApiKey.Parse(text) ?? throw Unknown();
        if (admin is not null && admin.Id == shown.Id)
            return shown.IsProvenBy(admin.SecretHash) ? new Caller(Input.Tenant, "admin", new HashSet<CallerRole> { CallerRole.Admin }, admin.Id) : throw Unknown();
        if (await Find(shown.Id, ct) is not { } found || !shown.IsProvenBy(found.SecretHash)) throw Unknown();
        var (key, now) = (found.Key, time.GetUtcNow());
        if (key.RevokedAt is not null) throw Authenticator.Unknown("key-revoked", "This key is revoked. Ask an admin for another.");
        if (key.ExpiresAt <= now) throw Authenticator.Unknown("key-expired", "This key has expired. Ask an admin for another.");
        if (!(now - key.LastUsedAt < UseGrain)) Note(found, now);
        return new Caller(key.Tenant, key.Name, new HashSet<CallerRole>(key.Roles), key.Id);
    }

    /// <summary>What was believed of the key is not believed any more.</summary>
    public void Forget(string id) => known.TryRemove(id, out _);

    public void Dispose() => lookups.Dispose();

    private static ProblemException Unknown() => Authenticator.Unknown("key-unknown", "There is no such key. Check AGENTMESH_KEY, or ask an admin for one.");

    private async ValueTask<StoredKey?> Find(string id, CancellationToken ct)
    {
        if (Believed(id) is { } early) return early.Key;
        await lookups.WaitAsync(ct);
        try
        {
            if (Believed(id) is { } late) return late.Key;
            // Before the query: what is revoked while it runs is believed no longer for it.
            var at = time.GetUtcNow();
            var key = await store.Find(id, ct);
            if (known.Count >= MostKnown) known.Clear();
            known[id] = (key, at);
            return key;
        }
        finally
        {
            lookups.Release();
        }
    }

    private (StoredKey? Key, DateTimeOffset At)? Believed(string id) => known.TryGetValue(id, out var entry) && time.GetUtcNow() - entry.At < Belief ? entry : null;

    /// <summary>Nobody waits for it, and nothing depends on it.</summary>
    private async void Note(StoredKey key, DateTimeOffset now)
    {
        // Not asked anew, so not believed for longer.
        var at = known.GetValueOrDefault(key.Key.Id).At;
        known.TryUpdate(key.Key.Id, (key with { Key = key.Key with { LastUsedAt = now } }, at), (key, at));
        try
        {
            await store.Used(key.Key.Id, now);
        }
        catch (Exception e)
        {
            LogUnnoted(log, e, key.Key.Id);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The use of key {Key} could not be noted")]
    private static partial void LogUnnoted(ILogger log, Exception e, string key);
}
