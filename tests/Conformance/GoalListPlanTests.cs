using AgentMesh.Contracts;
using AgentMesh.Storage.Journal;
using Npgsql;

namespace AgentMesh.Conformance;

/// <summary>Among a hundred thousand goals every form of the list finds its page by an index, and no more goals than that page holds.</summary>
public sealed class GoalListPlanTests(PostgresServer server)
{
    private static readonly DateTimeOffset New = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_form_of_the_list_finds_its_page_by_an_index()
    {
        var connection = await server.NewSchema();
        await (await PostgresServer.Open(connection)).DisposeAsync();
        await using var source = NpgsqlDataSource.Create(connection);
        await using (var fill = source.CreateCommand("""
            INSERT INTO goals (goal, tenant, text, status, ended, submitted_at, updated_at, last_sequence, asks)
            SELECT md5(n::text), CASE WHEN n % 10 = 0 THEN 'small' ELSE 'default' END, 'Answer mail ' || n || ' about an order',
                   CASE WHEN n % 997 = 0 THEN 4 WHEN n % 499 = 0 THEN 1 WHEN n % 211 = 0 THEN 2 ELSE 3 END,
                   CASE WHEN n % 997 = 0 THEN 4 WHEN n % 499 = 0 THEN NULL WHEN n % 211 = 0 THEN NULL ELSE 3 END,
                   timestamptz '2026-01-01 00:00Z' + n * interval '1 minute', now(), 5, CASE WHEN n % 499 = 0 THEN 1 ELSE 0 END
            FROM generate_series(1, 100000) n;
            ANALYZE goals
            """)) await fill.ExecuteNonQueryAsync(Ct);
        string first;
        await using (var one = source.CreateCommand("SELECT goal FROM goals ORDER BY submitted_at LIMIT 1 OFFSET 50000")) first = (string)(await one.ExecuteScalarAsync(Ct))!;

        foreach (var query in new GoalQuery[]
        {
            new(), new("default"), new("small", Before: new(first)), new(Before: new(first)), new("default", [GoalStatus.Failed]), new("default", [GoalStatus.Failed, GoalStatus.Running]),
            new("small", [GoalStatus.Waiting, GoalStatus.Planning]), new("default", Text: "order", Limit: 20), new("default", Since: New, Limit: 20),
            new("default", Asking: true), new("small", [GoalStatus.Completed], Text: "mail", Before: new(first)),
        })
        {
            await using var explain = GoalList.Command(source, query, "EXPLAIN (ANALYZE, BUFFERS OFF, TIMING OFF) ");
            var plan = new List<string>();
            await using (var reader = await explain.ExecuteReaderAsync(Ct))
                while (await reader.ReadAsync(Ct)) plan.Add(reader.GetString(0));
            var text = $"{query}\n{string.Join('\n', plan)}";
            Assert.True(!text.Contains("Seq Scan", StringComparison.Ordinal), text);
            Assert.True(plan.Where(l => l.Contains("Rows Removed", StringComparison.Ordinal)).Sum(l => double.Parse(l[(l.LastIndexOf(':') + 1)..], System.Globalization.CultureInfo.InvariantCulture)) < 2_000, text);
        }
    }
}
