using Npgsql;

namespace AgentMesh.Storage;

/// <summary>Statements that may be repeated, run through an outage of the store.</summary>
internal sealed class Statements(NpgsqlDataSource source, StorageOptions options, TimeProvider time)
{
    /// <returns>How many rows were written.</returns>
    /// <exception cref="StoreUnavailableException">The store stayed away.</exception>
    public Task<int> Write(string sql, CancellationToken ct, params object?[] values) => StoreTrouble.Outlast(time, options.JournalPatience, async token =>
    {
        await using var command = source.CreateCommand(sql).With(values);
        return await command.ExecuteNonQueryAsync(token);
    }, ct);

    /// <exception cref="StoreUnavailableException">The store stayed away.</exception>
    public Task<List<T>> Read<T>(string sql, Func<NpgsqlDataReader, T> row, CancellationToken ct, params object?[] values) => StoreTrouble.Outlast(time, options.JournalPatience, async token =>
    {
        await using var command = source.CreateCommand(sql).With(values);
        return await command.Rows(row, token);
    }, ct);
}

internal static class Rowwise
{
    public static NpgsqlCommand With(this NpgsqlCommand command, params ReadOnlySpan<object?> values)
    {
        foreach (var value in values) command.Parameters.Add(new() { Value = value ?? DBNull.Value });
        return command;
    }

    public static async Task<List<T>> Rows<T>(this NpgsqlCommand command, Func<NpgsqlDataReader, T> row, CancellationToken ct)
    {
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<T>();
        while (await reader.ReadAsync(ct)) rows.Add(row(reader));
        return rows;
    }

    public static string? TextOrNull(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    public static DateTimeOffset? TimeOrNull(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : new DateTimeOffset(row.GetDateTime(column));
}
