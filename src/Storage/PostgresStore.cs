using AgentMesh.Storage.Access;
using AgentMesh.Storage.Content;
using AgentMesh.Storage.Embedded;
using AgentMesh.Storage.Inbox;
using AgentMesh.Storage.Journal;
using AgentMesh.Storage.Knowledge;
using AgentMesh.Storage.Migrations;
using AgentMesh.Storage.Webhooks;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace AgentMesh.Storage;

/// <summary>All of the mesh's storage over one server: the embedded one, or the one that <see cref="StorageOptions.Postgres"/> names.</summary>
public sealed class PostgresStore : IAsyncDisposable
{
    /// <summary>How ADO.NET names the driver, for libraries that bring their own queries.</summary>
    public const string AdoNetInvariant = "Npgsql";

    /// <summary>The connection string for a library that brings its own queries, with a pool of that size.</summary>
    public static string AdoNetConnection(string connection, int connections) =>
        new NpgsqlConnectionStringBuilder(connection) { MaxPoolSize = connections, KeepAlive = 15 }.ConnectionString;

    private static readonly TimeSpan OthersPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan OthersPoll = TimeSpan.FromMilliseconds(20);

    private readonly NpgsqlDataSource _source;
    private readonly TimeProvider _time;

    private PostgresStore(EmbeddedPostgres? embedded, NpgsqlDataSource source, StorageOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        (Embedded, _source, _time) = (embedded, source, time);
        Journal = new PostgresJournal(source, options, time, loggers.CreateLogger<PostgresJournal>());
        Content = new PostgresContentStore(source, options, time);
        Knowledge = new PostgresKnowledge(source, options, time);
        Inbox = new PostgresInbox(source, options, time);
        Writers = new PostgresWriters(source, options, time);
        Usage = new PostgresUsage(source, options, time);
        Webhooks = new PostgresWebhooks(source, Journal, options, time);
        Keys = new PostgresKeys(source, options, time);
        Audit = new PostgresAudit(source, options, time);
    }

    public PostgresJournal Journal { get; }
    public PostgresContentStore Content { get; }
    public PostgresKnowledge Knowledge { get; }
    public PostgresInbox Inbox { get; }
    public PostgresWriters Writers { get; }
    public PostgresUsage Usage { get; }
    public PostgresWebhooks Webhooks { get; }
    public PostgresKeys Keys { get; }
    public PostgresAudit Audit { get; }

    /// <summary>Null when the server is somebody else's.</summary>
    public EmbeddedPostgres? Embedded { get; }

    /// <summary>Starts the embedded server unless another is configured, and brings the schema up to date (or checks it: <see cref="StorageOptions.MigrateOnOpen"/>).</summary>
    /// <exception cref="StorageException">The server cannot be started or reached, or its schema is not this program's.</exception>
    public static async Task<PostgresStore> Open(StorageOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken ct = default)
    {
        var embedded = options.Postgres is null
            ? await EmbeddedPostgres.Start(options, time, loggers.CreateLogger<EmbeddedPostgres>(), ct)
            : null;
        NpgsqlDataSource? source = null;
        try
        {
            source = Source(options.Postgres ?? embedded!.ConnectionString, options, loggers);
            await (options.MigrateOnOpen ? Migrator.Apply(source, ct) : Migrator.Check(source, ct));
            return new PostgresStore(embedded, source, options, time, loggers);
        }
        catch (Exception failed)
        {
            if (source is not null) await source.DisposeAsync();
            if (embedded is not null) await embedded.DisposeAsync();
            if (failed is NpgsqlException or ArgumentException && embedded is null) throw Unusable(failed);
            throw;
        }
    }

    /// <summary>Brings the schema of the database that <see cref="StorageOptions.Postgres"/> names up to date, and nothing else: for a job that runs before the hosts do.</summary>
    /// <returns>Numbers of the migrations that were applied now; empty when it was up to date.</returns>
    /// <exception cref="StorageException">No database is configured, it cannot be reached, or its schema is newer than this program.</exception>
    public static async Task<IReadOnlyList<int>> Migrate(StorageOptions options, ILoggerFactory loggers, CancellationToken ct = default)
    {
        if (options.Postgres is null) throw new StorageException("There is no database to migrate: set AGENTMESH_POSTGRES to its connection string.");
        try
        {
            await using var source = Source(options.Postgres, options, loggers);
            return await Migrator.Apply(source, ct);
        }
        catch (Exception failed) when (failed is NpgsqlException or ArgumentException)
        {
            throw Unusable(failed);
        }
    }

    /// <summary>Opens the store of a host that runs on this home in another process, for reading beside it and for its inbox. Null when none runs.</summary>
    public static PostgresStore? TryAttach(StorageOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        var connection = options.Postgres is null ? EmbeddedPostgres.TryAttach(options.Home)
            : HomeLock.IsHeld(Path.GetFullPath(options.Home)) ? options.Postgres : null;
        return connection is null ? null : new PostgresStore(null, Source(connection, options, loggers), options, time, loggers);
    }

    public async ValueTask DisposeAsync()
    {
        await Journal.DisposeAsync();
        if (Embedded is not null) await LetOthersFinish();
        await _source.DisposeAsync();
        if (Embedded is not null) await Embedded.DisposeAsync();
    }

    /// <summary>Processes that are attached read a goal's end a moment after us; the server waits for them, not for long.</summary>
    private async Task LetOthersFinish()
    {
        var since = _time.GetTimestamp();
        try
        {
            while (_time.GetElapsedTime(since) < OthersPatience)
            {
                await using var others = _source.CreateCommand("SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'agentmesh/%' AND application_name <> current_setting('application_name') LIMIT 1");
                others.CommandTimeout = 1;
                if (await others.ExecuteScalarAsync() is null) return;
                await Task.Delay(OthersPoll, _time);
            }
        }
        catch (NpgsqlException)
        {
            // A server that is away has no readers.
        }
    }

    private static StorageException Unusable(Exception failed) => new($"The database of AGENTMESH_POSTGRES cannot be used: {failed.Message}", failed);

    private static NpgsqlDataSource Source(string connection, StorageOptions options, ILoggerFactory loggers)
    {
        var settings = new NpgsqlConnectionStringBuilder(connection) { MaxPoolSize = options.MaxConnections, CommandTimeout = 15, Timeout = 5, KeepAlive = 15 };
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        builder.UseLoggerFactory(loggers);
        return builder.Build();
    }
}
