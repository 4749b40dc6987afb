using Npgsql;

namespace AgentMesh.Storage.Journal;

/// <summary>Tells a store that is away from a request that can never work, and says either to people.</summary>
internal static class StoreTrouble
{
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
        PostgresException { SqlState: "53100" } => "The disk of the database is full: free some space, the work goes on by itself.",
        PostgresException refused => $"The database answers: {refused.MessageText} ({refused.SqlState}).",
        _ => $"The database cannot be reached: {(trouble.InnerException ?? trouble).Message}",
    };
}
