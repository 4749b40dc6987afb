using System.Collections.Concurrent;

namespace AgentMesh.Inference.Grammars;

/// <summary>
/// A cache that keeps what was used lately: when the young half is full it becomes the old one, and what the old one then held unused is forgotten.
/// Safe for use in parallel. A value may be made twice by two who ask at once.
/// </summary>
/// <param name="most">Bytes that the two halves hold together, about.</param>
/// <param name="size">Bytes of an entry, about.</param>
internal sealed class Generations<TKey, TValue>(long most, Func<TKey, TValue, int> size, IEqualityComparer<TKey> equality)
    where TKey : notnull
{
    private readonly Lock turning = new();
    private volatile ConcurrentDictionary<TKey, TValue> young = new(equality);
    private volatile ConcurrentDictionary<TKey, TValue> old = new(equality);
    private long held;

    public TValue GetOrAdd(TKey key, Func<TKey, TValue> make)
    {
        if (TryGet(key, out var value)) return value;
        value = make(key);
        Add(key, value);
        return value;
    }

    public bool TryGet(TKey key, out TValue value)
    {
        if (young.TryGetValue(key, out value!)) return true;
        if (!old.TryGetValue(key, out value!)) return false;
        Add(key, value);
        return true;
    }

    public void Add(TKey key, TValue value)
    {
        if (!young.TryAdd(key, value) || Interlocked.Add(ref held, size(key, value)) < most / 2) return;
        lock (turning)
        {
            if (Volatile.Read(ref held) < most / 2) return;
            old = young;
            young = new(equality);
            Volatile.Write(ref held, 0);
        }
    }
}
