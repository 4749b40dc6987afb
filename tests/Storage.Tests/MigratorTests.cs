using AgentMesh.Storage.Embedded;
using AgentMesh.Storage.Migrations;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace AgentMesh.Storage.Tests;

public sealed class MigratorTests : IAsyncLifetime
{
    private readonly TemporaryHome _home = new();
    private EmbeddedPostgres? _server;
    private NpgsqlDataSource? _source;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await EmbeddedPostgres.Start(_home.Options, TimeProvider.System, NullLogger.Instance, Ct);
        _source = NpgsqlDataSource.Create(_server.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await _source!.DisposeAsync();
        await _server!.DisposeAsync();
        _home.Dispose();
    }

    [Fact]
    public async Task Hosts_that_start_together_migrate_once_and_in_order()
    {
        var applied = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Migrator.Apply(_source!, Ct)));
        var known = Migrator.Known();
        Assert.Equal(known.Select(m => m.Number), applied.SelectMany(a => a));
        Assert.Equal(Enumerable.Range(1, known.Count), known.Select(m => m.Number));
    }

    [Fact]
    public async Task A_newer_schema_and_a_changed_migration_are_refused()
    {
        Migration one = Migration.Of("0001_a.sql", "CREATE TABLE a ()"), two = Migration.Of("0002_b.sql", "CREATE TABLE b ()");
        Assert.Equal([1, 2], await Migrator.Apply(_source!, [one, two], Ct));
        Assert.Empty(await Migrator.Apply(_source!, [one, two], Ct));

        var newer = await Assert.ThrowsAsync<StorageException>(() => Migrator.Apply(_source!, [one], Ct));
        Assert.Contains("newer than this AgentMesh", newer.Message, StringComparison.Ordinal);
        var changed = await Assert.ThrowsAsync<StorageException>(() => Migrator.Apply(_source!, [one, Migration.Of("0002_b.sql", "CREATE TABLE c ()")], Ct));
        Assert.Contains("0002_b.sql", changed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_does_not_migrate_asks_for_it_and_opens_once_it_is_done()
    {
        var options = _home.Options with { Postgres = _server!.ConnectionString, MigrateOnOpen = false };
        var older = await Assert.ThrowsAsync<StorageException>(() => PostgresStore.Open(options, TimeProvider.System, NullLoggerFactory.Instance, Ct));
        Assert.Contains("migrate", older.Message, StringComparison.Ordinal);
        Assert.Contains("0001_journal.sql", older.Message, StringComparison.Ordinal);

        Assert.Equal(Migrator.Known().Select(m => m.Number), await PostgresStore.Migrate(options, NullLoggerFactory.Instance, Ct));
        Assert.Empty(await PostgresStore.Migrate(options, NullLoggerFactory.Instance, Ct));
        await using var store = await PostgresStore.Open(options, TimeProvider.System, NullLoggerFactory.Instance, Ct);

        await Assert.ThrowsAsync<StorageException>(() => PostgresStore.Migrate(options with { Postgres = null }, NullLoggerFactory.Instance, Ct));
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_the_schema_as_it_was()
    {
        Migration bad = Migration.Of("0001_bad.sql", "CREATE TABLE a (); SELECT 1 / 0");
        await Assert.ThrowsAsync<PostgresException>(() => Migrator.Apply(_source!, [bad], Ct));
        Assert.Equal([1], await Migrator.Apply(_source!, [Migration.Of("0001_good.sql", "CREATE TABLE a ()")], Ct));
    }
}
