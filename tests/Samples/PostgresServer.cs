using AgentMesh.Samples;
using AgentMesh.Storage;
using AgentMesh.Storage.Embedded;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace AgentMesh.Samples;

/// <summary>One embedded server for the whole test program; each mesh gets a schema of its own in it.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    /// <summary>The finance database's variable. Its name must be in the process for a host to look at it; its value is each mesh's own.</summary>
    public const string FinanceVariable = "AGENTMESH_SQL_FINANCE";

    private readonly string home = Directory.CreateTempSubdirectory("am-").FullName;
    private readonly Lazy<Task<string>> finance;
    private EmbeddedPostgres? server;
    private int schemas;

    public PostgresServer() => finance = new(CreateFinance);

    public async ValueTask InitializeAsync()
    {
        Environment.SetEnvironmentVariable(FinanceVariable, "see each mesh");
        server = await EmbeddedPostgres.Start(new StorageOptions { Home = home }, TimeProvider.System, NullLogger.Instance);
    }

    /// <summary>The earnings sample's database, by a role that can only read it. Loaded at first use.</summary>
    public Task<string> Finance() => finance.Value;

    /// <summary>A connection string to a new, empty schema: much quicker to make than a database, and as private.</summary>
    public async Task<string> NewSchema()
    {
        var name = $"mesh_{Interlocked.Increment(ref schemas)}";
        await Execute(server!.ConnectionString, $"CREATE SCHEMA {name}");
        return new NpgsqlConnectionStringBuilder(server.ConnectionString) { SearchPath = name }.ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null) await server.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        Directory.Delete(home, recursive: true);
    }

    private async Task<string> CreateFinance()
    {
        var administrator = new NpgsqlConnectionStringBuilder(server!.AdministratorConnectionString) { Pooling = false };
        await Execute(administrator.ConnectionString, "CREATE ROLE finance_reader LOGIN");
        await Execute(administrator.ConnectionString, "CREATE DATABASE finance");
        administrator.Database = "finance";
        await Execute(administrator.ConnectionString, await File.ReadAllTextAsync(SampleFiles.Path("earnings/finance.sql")));
        await Execute(administrator.ConnectionString, "GRANT USAGE ON SCHEMA finance TO finance_reader; GRANT SELECT ON ALL TABLES IN SCHEMA finance TO finance_reader");
        return new NpgsqlConnectionStringBuilder(server.AdministratorConnectionString) { Database = "finance", Username = "finance_reader" }.ConnectionString;
    }

    private static async Task Execute(string connection, string sql)
    {
        await using var open = new NpgsqlConnection(connection);
        await open.OpenAsync();
        await using var command = new NpgsqlCommand(sql, open);
        await command.ExecuteNonQueryAsync();
    }
}
