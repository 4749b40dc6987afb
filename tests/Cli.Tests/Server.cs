using AgentMesh.Cli.Tests;
using AgentMesh.Storage;
using AgentMesh.Storage.Embedded;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

[assembly: AssemblyFixture(typeof(Server))]

namespace AgentMesh.Cli.Tests;

/// <summary>One embedded server for the whole test program; each test's home gets a schema of its own on it.</summary>
public sealed class Server : IAsyncLifetime
{
    private readonly string home = Directory.CreateTempSubdirectory("am-").FullName;
    private EmbeddedPostgres? server;
    private int schemas;

    public async ValueTask InitializeAsync() =>
        server = await EmbeddedPostgres.Start(new StorageOptions { Home = home }, TimeProvider.System, NullLogger.Instance);

    /// <summary>The connection string of a new, empty schema.</summary>
    public async Task<string> NewSchema()
    {
        var name = $"test_{Interlocked.Increment(ref schemas)}";
        await using var connection = new NpgsqlConnection(server!.ConnectionString);
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand($"CREATE SCHEMA {name}", connection);
        await create.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(server.ConnectionString) { SearchPath = name }.ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null) await server.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        Directory.Delete(home, recursive: true);
    }
}
