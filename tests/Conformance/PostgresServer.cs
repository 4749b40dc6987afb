using AgentMesh.Conformance;
using AgentMesh.Storage;
using AgentMesh.Storage.Embedded;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace AgentMesh.Conformance;

/// <summary>One embedded server for the whole test program, in a folder of its own; each store gets a database of its own.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private readonly string _home = Directory.CreateTempSubdirectory("am-").FullName;
    private EmbeddedPostgres? _server;
    private int _databases;

    public async ValueTask InitializeAsync() =>
        _server = await EmbeddedPostgres.Start(new StorageOptions { Home = _home }, TimeProvider.System, NullLogger.Instance);

    /// <summary>A connection string to a new, empty database.</summary>
    public async Task<string> NewDatabase()
    {
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        await using var connection = new NpgsqlConnection(_server!.AdministratorConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand($"CREATE DATABASE {name} OWNER agentmesh", connection);
        await create.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Database = name }.ConnectionString;
    }

    /// <summary>A store on a new database; the caller disposes it.</summary>
    public async Task<PostgresStore> NewStore(Func<StorageOptions, StorageOptions>? configure = null)
    {
        var options = new StorageOptions { Postgres = await NewDatabase(), MaxConnections = 8 };
        return await PostgresStore.Open(configure?.Invoke(options) ?? options, TimeProvider.System, NullLoggerFactory.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        Directory.Delete(_home, recursive: true);
    }
}
