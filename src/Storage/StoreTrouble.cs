using Npgsql;

namespace AgentMesh.Storage;

/// <summary>Tells a store that is away from a request that can never work, and says either to people.</summary>
internal static class StoreTrouble
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    /// <summary>True when the same request may work later: the connection, the server or its disk is the trouble, not what was sent.</summary>
    public static bool MayPass(Exception trouble) => trouble switch
    {
        // 22: a value PostgreSQL does not take; 54: larger than it can hold.
        PostgresException refused => !refused.SqlState.StartsWith("22", StringComparison.Ordinal) && !refused.SqlState.StartsWith("54", StringComparison.Ordinal),
        NpgsqlException or IOException or TimeoutException or System.Net.Sockets.SocketException => true,
        _ => false,
    };

    public static string Describe(Exception trouble) => trouble switch
    {
        PostgresException { SqlState: "53100" } => "The database's disk is full: free some space, the work goes on by itself.",
        PostgresException refused => $"The database answers: {refused.MessageText} ({refused.SqlState}).",
        _ => $"The database cannot be reached: {(trouble.InnerException ?? trouble).Message}",
    };

    /// <summary>The wait before try <paramref name="attempt"/> + 1: doubles from 20 ms to half a second.</summary>
    public static TimeSpan Pause(int attempt) => attempt > 5 ? LongestPause : TimeSpan.FromTicks(Math.Min(FirstPause.Ticks << attempt, LongestPause.Ticks));

    /// <summary>Runs a request that may be repeated, through an outage of the store.</summary>
    /// <exception cref="StoreUnavailableException">The store stayed away.</exception>
    public static async Task<T> Outlast<T>(TimeProvider time, TimeSpan patience, Func<CancellationToken, Task<T>> request, CancellationToken ct)
    {
        var since = time.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await request(ct);
            }
            catch (Exception trouble) when (MayPass(trouble) && !ct.IsCancellationRequested)
            {
                var pause = Pause(attempt);
                if (time.GetElapsedTime(since) + pause > patience)
                    throw new StoreUnavailableException($"The store was away for {patience.TotalSeconds:0.#} s. {Describe(trouble)}", trouble);
                await Task.Delay(pause, time, ct);
            }
        }
    }
}

/// <summary>The store stayed away longer than <see cref="StorageOptions.JournalPatience"/>.</summary>
public sealed class StoreUnavailableException(string message, Exception? inner = null) : StorageException(message, inner);
