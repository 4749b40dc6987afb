using AgentMesh.Contracts;
using AgentMesh.Storage;
using AgentMesh.Storage.Embedded;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace AgentMesh.Tools.Sql;

/// <summary>A PostgreSQL server of its own with a small finance database.</summary>
public sealed class FinanceDatabase : IAsyncLifetime
{
    private readonly string _home = Directory.CreateTempSubdirectory("agentmesh-sql-").FullName;
    private EmbeddedPostgres _server = null!;

    public string ConnectionString => _server.ConnectionString;

    public async ValueTask InitializeAsync()
    {
        _server = await EmbeddedPostgres.Start(
            new StorageOptions { Home = _home, PostgresBin = Environment.GetEnvironmentVariable("AGENTMESH_PG_BIN") }, TimeProvider.System, NullLogger.Instance);
        await Run("""
            CREATE TABLE figures (quarter text, revenue numeric(12,2), audited boolean, closed date);
            INSERT INTO figures VALUES ('Q1', 1000.10, true, '2025-03-31'), ('Q2', 1234.50, false, '2025-06-30'), ('Q3', NULL, NULL, NULL);
            CREATE FUNCTION sneaky() RETURNS int LANGUAGE sql AS 'INSERT INTO figures VALUES (''Q4'', 1, true, NULL); SELECT 1';
            CREATE SEQUENCE s
            """);
    }

    public async Task<object?> Run(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
#pragma warning disable CA2100 // Only this file's constants come here.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_home, recursive: true);
    }
}

public sealed class SqlQueryToolTests(FinanceDatabase database) : IClassFixture<FinanceDatabase>
{
    private SqlQueryTool Tool(int maxRows = 100, int maxCharacters = 10_000, double seconds = 20) =>
        new(new(new Dictionary<string, string>(StringComparer.Ordinal) { ["finance"] = database.ConnectionString }, maxRows, maxCharacters, TimeSpan.FromSeconds(seconds)));

    [Fact]
    public async Task Rows_come_back_as_the_exact_text_of_the_server()
    {
        var result = await Tool().Run("""{"sql": "SELECT quarter, revenue, audited, closed, revenue AS revenue FROM figures ORDER BY quarter"}""");
        Assert.Equal("""["quarter","revenue","audited","closed","revenue (2)"]""", result.GetProperty("columns").GetRawText());
        Assert.Equal("""[["Q1","1000.10","t","2025-03-31","1000.10"],["Q2","1234.50","f","2025-06-30","1234.50"],["Q3",null,null,null,null]]""", result.GetProperty("rows").GetRawText());
        Assert.Equal("step/1", result.Text("queryId"));
        Assert.Equal("sql:step/1", result.Text("source"));
        Assert.False(result.GetProperty("truncated").GetBoolean());
    }

    [Fact]
    public async Task Parameters_are_values_and_never_sql()
    {
        var result = await Tool().Run("""{"sql": "SELECT quarter FROM figures WHERE revenue > $1 AND audited = $2 OR quarter = $3", "parameters": [1000, false, "'; DROP TABLE figures; --"], "connection": "finance"}""");
        Assert.Equal("""[["Q2"]]""", result.GetProperty("rows").GetRawText());
    }

    [Theory]
    [InlineData("WITH x AS (INSERT INTO figures VALUES ('Q9', 1, true, NULL) RETURNING 1) SELECT * FROM x")]
    [InlineData("SELECT sneaky()")]
    [InlineData("SELECT * INTO copy FROM figures")]
    [InlineData("SELECT * FROM figures FOR UPDATE")]
    public async Task Writes_that_the_check_cannot_see_are_stopped_by_the_transaction(string sql)
    {
        var exception = await Tool().Fails($$"""{"sql": "{{sql}}"}""");
        Assert.Contains("Only reading is possible", exception.Message, StringComparison.Ordinal);
        Assert.Equal(3L, await database.Run("SELECT count(*) FROM figures"));
    }

    [Fact]
    public async Task Results_are_cut_at_the_limits()
    {
        var rows = await Tool(maxRows: 5).Run("""{"sql": "SELECT g FROM generate_series(1, 100000000) g"}""");
        Assert.Equal(5, rows.GetProperty("rows").GetArrayLength());
        Assert.True(rows.GetProperty("truncated").GetBoolean());
        var characters = await Tool(maxCharacters: 1_000).Run("""{"sql": "SELECT repeat('x', 400) FROM generate_series(1, 10)"}""");
        Assert.Equal(2, characters.GetProperty("rows").GetArrayLength());
        Assert.Contains("select less", (await Tool(maxCharacters: 1_000).Fails("""{"sql": "SELECT repeat('x', 2000)"}""")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_statement_that_takes_too_long_is_stopped()
    {
        var exception = await Tool(seconds: 0.3).Fails("""{"sql": "SELECT count(*) FROM generate_series(1, 100000000000) g"}""");
        Assert.Equal(FailureKind.Permanent, exception.Kind);
        Assert.Contains("took too long", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mistakes_come_back_with_the_servers_words_and_the_pool_stays_usable()
    {
        var tool = Tool();
        Assert.Contains("column \"nope\" does not exist", (await tool.Fails("""{"sql": "SELECT nope FROM figures"}""")).Message, StringComparison.Ordinal);
        Assert.Contains("There is no connection 'other'", (await tool.Fails("""{"sql": "SELECT 1", "connection": "other"}""")).Message, StringComparison.Ordinal);
        Assert.Contains("Only SELECT", (await tool.Fails("""{"sql": "DELETE FROM figures"}""")).Message, StringComparison.Ordinal);
        for (var i = 0; i < 10; i++) Assert.Equal("""[["1"]]""", (await tool.Run("""{"sql": "SELECT 1"}""")).GetProperty("rows").GetRawText());
    }

    [Fact]
    public async Task A_database_that_is_away_is_worth_another_try()
    {
        var tool = new SqlQueryTool(new(new Dictionary<string, string>(StringComparer.Ordinal) { ["gone"] = "Host=127.0.0.1;Port=1;Database=x;Username=x;Password=hush" }));
        var exception = await tool.Fails("""{"sql": "SELECT 1"}""");
        Assert.Equal(FailureKind.Transient, exception.Kind);
        Assert.DoesNotContain("hush", exception.Message, StringComparison.Ordinal);
    }
}
