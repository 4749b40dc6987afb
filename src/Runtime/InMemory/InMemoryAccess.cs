using System.Collections.Concurrent;
using AgentMesh.Contracts;

namespace AgentMesh.Runtime.InMemory;

/// <summary>API keys that last as long as their process: for tests.</summary>
public sealed class InMemoryKeys : IKeyStore
{
    private readonly ConcurrentDictionary<string, StoredKey> _keys = new(StringComparer.Ordinal);

    public Task Add(StoredKey key, CancellationToken ct = default) => _keys.TryAdd(key.Key.Id, key)
        ? Task.CompletedTask : throw new ArgumentException($"There is a key {key.Key.Id} already.", nameof(key));

    public Task<StoredKey?> Find(string id, CancellationToken ct = default) => Task.FromResult(_keys.GetValueOrDefault(id));

    public Task<IReadOnlyList<KeyView>> List(string? tenant, CancellationToken ct = default) => Task.FromResult<IReadOnlyList<KeyView>>(
    [
        .. _keys.Values.Select(k => k.Key).Where(k => tenant is null || k.Tenant == tenant).OrderByDescending(k => k.CreatedAt).ThenBy(k => k.Id, StringComparer.Ordinal),
    ]);

    public Task<bool> Revoke(string id, DateTimeOffset at, CancellationToken ct = default) => Task.FromResult(Change(id, k => k with { RevokedAt = k.RevokedAt ?? at }));

    public Task Used(string id, DateTimeOffset at, CancellationToken ct = default)
    {
        Change(id, k => k with { LastUsedAt = at });
        return Task.CompletedTask;
    }

    private bool Change(string id, Func<KeyView, KeyView> change)
    {
        while (_keys.TryGetValue(id, out var known))
            if (_keys.TryUpdate(id, known with { Key = change(known.Key) }, known)) return true;
        return false;
    }
}

/// <summary>An audit log that lasts as long as its process: for tests.</summary>
public sealed class InMemoryAudit : IAuditLog
{
    private readonly Lock _lock = new();
    private readonly List<AuditEntry> _entries = [];

    public Task Append(AuditEntry entry, CancellationToken ct = default)
    {
        lock (_lock) _entries.Add(entry with { Sequence = _entries.Count + 1 });
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<AuditEntry>> Read(AuditQuery query, CancellationToken ct = default)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<AuditEntry>>(
            [
                .. _entries.Where(e => (query.Tenant is null || e.Tenant == query.Tenant) && (query.Goal is null || e.Goal == query.Goal) && !(e.Sequence >= query.Before))
                    .Reverse().Take(query.Limit),
            ]);
        }
    }
}
