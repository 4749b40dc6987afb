using AgentMesh.Conformance;
using AgentMesh.Storage;
using AgentMesh.Storage.Embedded;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace AgentMesh.Conformance;

/// <summary>One embedded server for the whole test program, in a folder of its own; each store gets a schema of its own.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private readonly string _home = Directory.CreateTempSubdirectory("am-").FullName;
    private EmbeddedPostgres? _server;
    private int _schemas;

    public async ValueTask InitializeAsync() =>
        _server = await EmbeddedPostgres.Start(new StorageOptions { Home = _home }, TimeProvider.System, NullLogger.Instance);

    /// <summary>A connection string to a new, empty schema: much quicker to make than a database, and as private.</summary>
    public async Task<string> NewSchema()
    {
        var name = $"test_{Interlocked.Increment(ref _schemas)}";
        await using var connection = new NpgsqlConnection(_server!.ConnectionString);
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand($"CREATE SCHEMA {name}", connection);
        await create.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(_server.ConnectionString) { SearchPath = name }.ConnectionString;
    }

    /// <summary>A store in a new schema; the caller disposes it.</summary>
    public async Task<PostgresStore> NewStore() => await Open(await NewSchema());

    public static Task<PostgresStore> Open(string connection, Func<StorageOptions, StorageOptions>? configure = null)
    {
        var options = new StorageOptions { Postgres = connection, MaxConnections = 8 };
        return PostgresStore.Open(configure?.Invoke(options) ?? options, TimeProvider.System, NullLoggerFactory.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        Directory.Delete(_home, recursive: true);
    }
}
