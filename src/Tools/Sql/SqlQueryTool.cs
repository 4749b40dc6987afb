using System.Globalization;
using System.Text.Json;
using AgentMesh.Agents;
using AgentMesh.Contracts;
using Npgsql;
using NpgsqlTypes;

namespace AgentMesh.Tools.Sql;

internal sealed record SqlArguments(string Sql, string? Connection = null, IReadOnlyList<JsonElement>? Parameters = null);

/// <summary>Rows as text, exactly as PostgreSQL writes the values. A cell is cited as <c>sql:queryId#row:column</c>, rows counted from 1.</summary>
/// <param name="QueryId">The id of the call in the goal's journal, where the statement stands.</param>
/// <param name="Truncated">True when there were more rows or characters than are returned.</param>
internal sealed record SqlResult(
    string QueryId, string Connection, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string?>> Rows, bool Truncated, string Source);

/// <summary><c>sql.query</c>: one reading statement on a configured PostgreSQL database.</summary>
#pragma warning disable CA1001 // The pools live as long as the tool, and that as long as the host.
public sealed class SqlQueryTool : ITool
#pragma warning restore CA1001
{
    public const string Name = "sql.query";
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(20);
    private readonly SqlOptions _options;
    private readonly TimeSpan _timeout;
    private readonly Dictionary<string, NpgsqlDataSource> _sources = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="ArgumentException">A connection string is none.</exception>
    public SqlQueryTool(SqlOptions options)
    {
        _options = options;
        _timeout = options.Timeout ?? DefaultTimeout;
        foreach (var (name, connection) in options.Connections) _sources[name] = Source(name, connection);
        Descriptor = new()
        {
            Name = Name,
            Description = $"Runs one reading SQL statement (PostgreSQL) and returns the rows as text. Databases: {string.Join(", ", _sources.Keys.Order(StringComparer.Ordinal))}. Values go into parameters $1, $2, … and not into the text. A cell is cited as sql:queryId#row:column.",
            Parameters = Schema,
            Effect = ToolEffect.Pure,
            Timeout = _timeout + TimeSpan.FromSeconds(10),
        };
    }

    public ToolDescriptor Descriptor { get; }

    public async Task<ToolResult> Invoke(ToolCall call, CancellationToken ct)
    {
        var arguments = ToolArguments.Read(call, ToolJson.Default.SqlArguments);
        var (name, source) = Choose(arguments.Connection);
        try
        {
            SqlGuard.Check(arguments.Sql);
            return ToolArguments.Result(await Query(call.Call.Value, name, source, arguments, ct), ToolJson.Default.SqlResult);
        }
        catch (SqlRefusedException exception)
        {
            throw ToolArguments.Wrong(exception.Message, exception);
        }
        catch (PostgresException exception)
        {
            throw Translate(exception, name);
        }
        catch (NpgsqlException exception)
        {
            throw new ToolException(FailureKind.Transient, $"The database '{name}' cannot be reached or broke the connection.", inner: exception);
        }
    }

    private (string Name, NpgsqlDataSource Source) Choose(string? wanted)
    {
        var names = string.Join(", ", _sources.Keys.Order(StringComparer.Ordinal));
        if (wanted is null) return _sources.Count == 1 ? (_sources.First().Key, _sources.First().Value) : throw ToolArguments.Wrong($"Name one of the connections: {names}.");
        return _sources.TryGetValue(wanted, out var source) ? (wanted.ToLowerInvariant(), source) : throw ToolArguments.Wrong($"There is no connection '{wanted}'; there are: {names}.");
    }

    private async Task<SqlResult> Query(string id, string name, NpgsqlDataSource source, SqlArguments arguments, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        var milliseconds = ((long)_timeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        await Run(connection, $"BEGIN TRANSACTION READ ONLY; SET LOCAL statement_timeout = {milliseconds}; SET LOCAL lock_timeout = {milliseconds}; SET LOCAL standard_conforming_strings = on", ct);
        try
        {
            return await Rows(id, name, connection, arguments, ct);
        }
        finally
        {
            // Whatever happened, nothing of it stays. On a broken connection there is nothing to roll back.
            if (connection.FullState == System.Data.ConnectionState.Open) await Run(connection, "ROLLBACK", CancellationToken.None);
        }
    }

    private async Task<SqlResult> Rows(string id, string name, NpgsqlConnection connection, SqlArguments arguments, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(arguments.Sql, connection) { AllResultTypesAreUnknown = true };
        foreach (var value in arguments.Parameters ?? []) command.Parameters.Add(Parameter(value));
        await using var reader = await command.ExecuteReaderAsync(ct);
        var columns = Columns(reader);
        var rows = new List<IReadOnlyList<string?>>();
        var left = _options.MaxCharacters;
        var truncated = false;
        while (await reader.ReadAsync(ct))
        {
            if (rows.Count == _options.MaxRows || left <= 0)
            {
                truncated = true;
                // Otherwise closing the reader would fetch all rows that are left.
                command.Cancel();
                break;
            }

            var row = new string?[columns.Count];
            for (var i = 0; i < row.Length; i++)
            {
                if (reader.IsDBNull(i)) continue;
                row[i] = reader.GetString(i);
                left -= row[i]!.Length;
            }

            if (left < 0 && rows.Count > 0)
            {
                truncated = true;
                command.Cancel();
                break;
            }

            rows.Add(row);
        }

        if (left < 0 && rows.Count == 1) throw ToolArguments.Wrong($"One row has more than {_options.MaxCharacters} characters; select less of it.");
        try
        {
            await reader.CloseAsync();
        }
        catch (PostgresException exception) when (truncated && exception.SqlState == PostgresErrorCodes.QueryCanceled)
        {
            // Our own cancellation.
        }

        return new(id, name, columns, rows, truncated, $"sql:{id}");
    }

    /// <summary>Names are made unique, because a cell is cited by its column's name.</summary>
    private static List<string> Columns(NpgsqlDataReader reader)
    {
        var columns = new List<string>();
        for (var i = 0; i < reader.FieldCount; i++)
        {
            var name = reader.GetName(i);
            var unique = name;
            for (var copy = 2; columns.Contains(unique); copy++) unique = $"{name} ({copy})";
            columns.Add(unique);
        }

        return columns;
    }

    /// <summary>Sent as text of unknown type, so that the server gives it the type that the statement needs.</summary>
    private static NpgsqlParameter Parameter(JsonElement value) => new()
    {
        NpgsqlDbType = NpgsqlDbType.Unknown,
        Value = value.ValueKind switch
        {
            JsonValueKind.Null => DBNull.Value,
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
            _ => throw ToolArguments.Wrong("A parameter is text, a number, true, false or null."),
        },
    };

    private static async Task Run(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
#pragma warning disable CA2100 // Only constant statements and a number come here.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(ct);
    }

    private static ToolException Translate(PostgresException exception, string name) => exception.SqlState switch
    {
        PostgresErrorCodes.QueryCanceled => ToolArguments.Wrong("The statement took too long and was stopped; narrow it down.", exception),
        PostgresErrorCodes.ReadOnlySqlTransaction => ToolArguments.Wrong($"Only reading is possible here: {exception.MessageText}.", exception),
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification or PostgresErrorCodes.InvalidCatalogName =>
            ToolArguments.Wrong($"The database '{name}' refused the login; check AGENTMESH_SQL_{name.ToUpperInvariant()}.", exception),
        _ when exception.IsTransient || exception.SqlState.StartsWith("57P", StringComparison.Ordinal) || exception.SqlState.StartsWith("08", StringComparison.Ordinal) =>
            new(FailureKind.Transient, $"The database '{name}' is not available at present: {exception.MessageText}.", inner: exception),
        _ => ToolArguments.Wrong(
            $"PostgreSQL: {exception.MessageText}{(exception.Position > 0 ? $" (position {exception.Position})" : "")}.{(exception.Hint is { } hint ? " " + hint : "")}", exception),
    };

    internal static bool IsConnectionString(string text)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(text).Host is { Length: > 0 };
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            return false;
        }
    }

    private static NpgsqlDataSource Source(string name, string connection)
    {
        try
        {
            // Few connections a database: agents share it with its owners.
            var builder = new NpgsqlConnectionStringBuilder(connection) { ApplicationName = "agentmesh sql.query", MaxPoolSize = 4, MinPoolSize = 0, IncludeErrorDetail = false };
            if (builder.Timeout > 10) builder.Timeout = 10;
            return NpgsqlDataSource.Create(builder);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            throw new ArgumentException($"The SQL connection '{name}' is no Npgsql connection string; write Host=…;Database=…;Username=…;Password=….", nameof(connection), exception);
        }
    }

    private static readonly JsonElement Schema = MeshJson.Parse("""
        {
          "type": "object",
          "additionalProperties": false,
          "required": ["sql"],
          "properties": {
            "sql": { "type": "string", "minLength": 1, "maxLength": 20000, "description": "One SELECT, WITH, VALUES or TABLE statement" },
            "connection": { "type": "string", "maxLength": 100, "description": "Name of the database; may be absent when there is only one" },
            "parameters": { "type": "array", "maxItems": 100, "items": { "type": ["string", "number", "boolean", "null"] }, "description": "Values of $1, $2, …" }
          }
        }
        """);
}
