namespace AgentMesh.Tools.Sql;

/// <summary>
/// Databases that agents may read. Give each connection a PostgreSQL role that can only SELECT what agents may see: that is the barrier. The read-only
/// transaction and the check of each statement stand in front of it, for roles that can do more than they should.
/// </summary>
/// <param name="Connections">Npgsql connection strings by name, names in lower case.</param>
/// <param name="MaxRows">Most rows of one result; the rest is left out and said so.</param>
/// <param name="MaxCharacters">Most characters of all cells together.</param>
/// <param name="Timeout">For one statement.</param>
public sealed record SqlOptions(
    IReadOnlyDictionary<string, string> Connections, int MaxRows = 1_000, int MaxCharacters = 200_000, TimeSpan? Timeout = null)
{
    /// <summary>Without the connection strings, which hold passwords.</summary>
    public override string ToString() => $"SqlOptions {{ Connections = {string.Join(", ", Connections.Keys)} }}";
}
