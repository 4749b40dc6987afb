using System.Security.Cryptography;
using AgentMesh.Gateway.Http;

namespace AgentMesh.Gateway.Limits;

/// <param name="Body">As it was sent.</param>
internal sealed record KeptAnswer(int Status, string? ContentType, string? Location, ReadOnlyMemory<byte> Body);

/// <summary>
/// The answers to requests with an <c>Idempotency-Key</c>, for an hour, in this process: what must be known to every gateway and for ever (a submit)
/// carries its key in the goal's id instead. In memory, because an answer may hold a secret.
/// </summary>
internal sealed class Idempotency(TimeProvider time)
{
    public static readonly TimeSpan Kept = TimeSpan.FromHours(1);
    private const int Most = 10_000, LargestKept = 64 * 1024;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);
    private readonly Queue<(string Name, Entry Entry)> ages = [];

    /// <returns>The answer that was given before; null when this request is the first, which <see cref="End"/> must follow.</returns>
    /// <exception cref="ProblemException">409 while the first one is under way, 422 when its body was another.</exception>
    public KeptAnswer? Begin(string name, ReadOnlySpan<byte> body)
    {
        var hash = SHA256.HashData(body);
        lock (gate)
        {
            Forget();
            if (!entries.TryGetValue(name, out var entry))
            {
                entries[name] = entry = new Entry(hash, time.GetUtcNow());
                ages.Enqueue((name, entry));
                return null;
            }

            if (!entry.Hash.AsSpan().SequenceEqual(hash))
                throw ProblemException.Invalid("idempotency-key-reused", "This Idempotency-Key was used before, with another body. Take a new one for a new request.");
            return entry.Answer ?? throw new ProblemException(409, "idempotency-in-flight", "The first request with this Idempotency-Key is still under way. Ask again in a moment.") { RetryAfter = TimeSpan.FromSeconds(1) };
        }
    }

    /// <param name="answer">Null when nothing came of it, so that it may be tried again.</param>
    public void End(string name, KeptAnswer? answer)
    {
        lock (gate)
        {
            if (answer is null || answer.Body.Length > LargestKept) entries.Remove(name);
            else if (entries.TryGetValue(name, out var entry)) entry.Answer = answer;
        }
    }

    private void Forget()
    {
        var now = time.GetUtcNow();
        while (ages.TryPeek(out var oldest) && (ages.Count >= Most || now - oldest.Entry.At >= Kept))
        {
            ages.Dequeue();
            if (entries.TryGetValue(oldest.Name, out var known) && ReferenceEquals(known, oldest.Entry)) entries.Remove(oldest.Name);
        }
    }

    private sealed class Entry(byte[] hash, DateTimeOffset at)
    {
        public byte[] Hash => hash;
        public DateTimeOffset At => at;
        public KeptAnswer? Answer { get; set; }
    }
}
