using AgentMesh.Storage;
using AgentMesh.Storage.Embedded;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace AgentMesh.ClusterCrash;

/// <summary>The cluster's PostgreSQL: the embedded server, told to keep the time of each commit, by which the judge puts writes in order.</summary>
internal sealed class Database : IAsyncDisposable
{
    private readonly EmbeddedPostgres postgres;

    private Database(EmbeddedPostgres postgres, string connection) => (this.postgres, Connection) = (postgres, connection);

    /// <summary>For the silos.</summary>
    public string Connection { get; }

    /// <summary>The server's process of this moment.</summary>
    public int ProcessId => postgres.ProcessId;

    /// <param name="listen">An address of this machine to listen on besides the socket; the silos then use only that.</param>
    public static async Task<Database> Start(string home, string? listen)
    {
        var server = await EmbeddedPostgres.Start(new StorageOptions { Home = home }, TimeProvider.System, NullLogger.Instance);
        // The server writes its configuration anew at each start; what is set by ALTER SYSTEM stands above it.
        List<string> settings = ["track_commit_timestamp = on", "max_connections = 400"];
        var connection = server.ConnectionString;
        if (listen is not null)
        {
            var access = Path.Combine(home, "postgres", "access.conf");
            await File.WriteAllTextAsync(access, $"local all all trust\nhost all all {listen}/24 trust\n");
            settings.AddRange([$"listen_addresses = '{listen}'", $"hba_file = '{access}'"]);
            connection = new NpgsqlConnectionStringBuilder(connection) { Host = listen }.ConnectionString;
        }

        await using (var administrator = new NpgsqlConnection(server.AdministratorConnectionString + ";Pooling=false"))
        {
            await administrator.OpenAsync();
            foreach (var setting in settings)
            {
                await using var set = new NpgsqlCommand($"ALTER SYSTEM SET {setting}", administrator);
                await set.ExecuteNonQueryAsync();
            }
        }

        var database = new Database(server, connection);
        await database.Crash("INT");
        await database.Answers();
        return database;
    }

    /// <summary>Ends the server: QUIT is <c>pg_ctl stop -m immediate</c>, without a word to anyone. It is started again by its supervisor.</summary>
    /// <returns>When the process was gone.</returns>
    public async Task Crash(string signal)
    {
        var process = postgres.ProcessId;
        await Shell.Signal(process, signal);
        while (postgres.ProcessId == process || !File.Exists($"/proc/{postgres.ProcessId}/stat")) await Task.Delay(5);
    }

    /// <summary>Returns as soon as a new connection is answered.</summary>
    public async Task Answers()
    {
        while (true)
        {
            try
            {
                await using var connection = await Open();
                await using var ask = new NpgsqlCommand("SELECT 1", connection);
                await ask.ExecuteScalarAsync();
                return;
            }
            catch (NpgsqlException)
            {
                await Task.Delay(10);
            }
        }
    }

    /// <summary>A connection of the judge's own, over the socket.</summary>
    public async Task<NpgsqlConnection> Open()
    {
        var connection = new NpgsqlConnection(postgres.ConnectionString + ";Pooling=false;Timeout=5");
        await connection.OpenAsync();
        return connection;
    }

    public ValueTask DisposeAsync() => postgres.DisposeAsync();
}
