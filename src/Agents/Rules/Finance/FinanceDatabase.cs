using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentMesh.Agents.Rules.Finance;

/// <summary>Finds the tables of a database that hold quarterly figures or notes, and reads them through <c>sql.query</c>.</summary>
internal sealed class FinanceDatabase(FinanceTerms terms, IAgentCalls calls)
{
    public const string Tool = "sql.query";
    private const int MaxTables = 8;

    private const string Catalogue =
        "SELECT table_schema, table_name, column_name FROM information_schema.columns WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY table_schema, table_name, ordinal_position";

    public List<string> Made { get; } = [];

    /// <summary>Reads what it can; a database that is not there or refuses is a warning, since files may do.</summary>
    public async Task Read(TableReader reader, Ledger ledger, CancellationToken ct)
    {
        if (await Query(Catalogue, ledger, ct) is not { } catalogue) return;
        var tables = catalogue.Items("rows").Select(row => row.EnumerateArray().Select(cell => cell.GetString() ?? "").ToList()).Where(row => row.Count == 3)
            .GroupBy(row => (Schema: row[0], Table: row[1])).Where(table => Useful([.. table.Select(row => row[2])])).Take(MaxTables).ToList();
        foreach (var table in tables)
        {
            var columns = table.Select(row => row[2]).ToList();
            var period = columns.First(column => terms.Concept(column) is "period" or "period_end");
            var wanted = string.Join(", ", columns.Where(column => terms.Concept(column) is not null).Select(Quoted));
            var sql = $"SELECT {wanted} FROM {Quoted(table.Key.Schema)}.{Quoted(table.Key.Table)} ORDER BY {Quoted(period)}";
            if (await Query(sql, ledger, ct) is { } result) reader.Read(result, result.Text("source") ?? $"sql:{result.Text("id")}", '#');
        }
    }

    private bool Useful(IReadOnlyList<string> columns)
    {
        var concepts = columns.Select(terms.Concept).ToList();
        return concepts.Any(concept => concept is "period" or "period_end")
            && concepts.Any(concept => concept is "revenue" or "net_income" or "operating_income" or "diluted_shares" or "gross_profit" or "note");
    }

    private async Task<JsonElement?> Query(string sql, Ledger ledger, CancellationToken ct)
    {
        var answer = await calls.Call(Tool, new JsonObject { ["sql"] = sql }.Element(), ct);
        Made.Add(answer.Call.Value);
        if (answer.Value is null) ledger.Warn($"The finance database was not read: {answer.Error}");
        return answer.Value;
    }

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
