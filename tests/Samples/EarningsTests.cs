using System.Text.Json;
using System.Text.RegularExpressions;
using AgentMesh.Contracts;

namespace AgentMesh.Samples;

/// <summary>Sample 3: the figures of the brief are the right ones, computed by the calculator, and each stands in the cell or row that it cites.</summary>
public sealed partial class EarningsTests(PostgresServer server)
{
    /// <summary>expected.json → metrics artifact.</summary>
    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["revenue"] = "revenue", ["revenueGrowthQoQPercent"] = "revenue_growth_qoq", ["revenueGrowthYoYPercent"] = "revenue_growth_yoy",
        ["revenueLastFourQuarters"] = "revenue_last_four_quarters", ["revenueLastFourQuartersGrowthPercent"] = "revenue_growth_last_four_quarters",
        ["netIncome"] = "net_income", ["epsDiluted"] = "eps_diluted", ["epsDilutedPreviousQuarter"] = "eps_diluted_previous_quarter",
        ["epsDilutedAYearAgo"] = "eps_diluted_year_ago", ["epsDilutedGrowthYoYPercent"] = "eps_growth_yoy",
        ["grossMarginPercent"] = "gross_margin", ["operatingMarginPercent"] = "operating_margin", ["netMarginPercent"] = "net_margin",
        ["grossMarginAYearAgoPercent"] = "gross_margin_year_ago", ["operatingMarginAYearAgoPercent"] = "operating_margin_year_ago", ["netMarginAYearAgoPercent"] = "net_margin_year_ago",
    };

    [Theory]
    [InlineData("files and database", true, "earnings/income.csv", "earnings/segments.csv", "earnings/shares.csv")]
    [InlineData("files", false, "earnings/income.csv", "earnings/segments.csv", "earnings/shares.csv", "earnings/headcount.csv")]
    [InlineData("messy files", false, "earnings/messy/income.csv", "earnings/messy/segments.csv", "earnings/messy/shares.tsv")]
    [InlineData("database", true)]
    public async Task The_brief_is_right_and_every_figure_can_be_traced(string source, bool database, params string[] files)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        if (database) settings[PostgresServer.FinanceVariable] = await server.Finance();
        await using var mesh = await Mesh.Open(server, settings);
        var goal = await mesh.Run(new Goal("Write the earnings brief") { Data = [.. files.Select(SampleFiles.Path)], Want = ["brief", "metrics"] });
        Assert.True(goal.Status == GoalStatus.Completed, $"{source}: {goal.Reason}");

        var metrics = (await mesh.Value(goal, "metrics")).Items("metrics");
        var journal = await mesh.Journal(goal.Goal);
        var expected = MeshJson.Parse(await File.ReadAllBytesAsync(SampleFiles.Path("earnings/expected.json"), TestContext.Current.CancellationToken)).GetProperty("figures");
        foreach (var (key, name) in Names)
            Assert.Equal((name, expected.GetProperty(key).Text("value")), (name, metrics.FirstOrDefault(m => m.Text("name") == name) is { ValueKind: JsonValueKind.Object } metric ? metric.Text("value") : "missing"));

        var tables = Tables(goal, journal);
        Assert.All(metrics, metric =>
        {
            Assert.All(metric.Items("inputs"), input => Assert.Contains(Digits(input.Text("value")!), Cells(tables, input.Text("source")!).Select(Digits)));
            if (metric.Items("inputs") is [var only] && only.Text("name") == metric.Text("formula")) Assert.Equal(only.Text("value"), metric.Text("value"));
            else Assert.Contains(journal.OfType<ToolReturned>(), call => IsCalculationOf(call, metric));
        });
        if (database && files.Length == 0) Assert.Contains(metrics.SelectMany(m => m.Items("inputs")), input => input.Text("source")!.StartsWith("sql:", StringComparison.Ordinal));
        Check(await mesh.Value(goal, "brief"), metrics);
    }

    private static void Check(JsonElement brief, IReadOnlyList<JsonElement> metrics)
    {
        var markdown = brief.Text("markdown")!;
        Assert.Equal(["## Revenue Overview", "## EPS & Profitability", "## Key Drivers"], markdown.Split('\n').Where(line => line.StartsWith("## ", StringComparison.Ordinal)).Take(3));
        var body = markdown[..markdown.IndexOf("\n[^1]:", StringComparison.Ordinal)];
        Assert.Contains("Software revenue ", body, StringComparison.Ordinal);
        var figures = brief.Items("figures");
        Assert.All(figures, figure =>
        {
            Assert.Contains(figure.Text("text")!.TrimStart('-'), body, StringComparison.Ordinal);
            var metric = Assert.Single(metrics, m => m.Text("name") == figure.Text("metric"));
            Assert.Contains(Digits(metric.Text("value")!), Digits(figure.Text("text")!), StringComparison.Ordinal);
            Assert.Equal(metric.Items("inputs").Select(i => i.Text("source")), figure.Items("sources").Select(s => s.GetString()));
        });
        // No number stands in the text that is not one of them.
        var told = figures.Select(figure => Digits(figure.Text("text")!)).ToHashSet(StringComparer.Ordinal);
        var remarks = body.IndexOf("## Remarks", StringComparison.Ordinal);
        Assert.All(Percentages().Matches(remarks < 0 ? body : body[..remarks]).Select(m => Digits(m.Value)), number => Assert.Contains(number, told));
    }

    private static bool IsCalculationOf(ToolReturned call, JsonElement metric) =>
        call.Tool == "calc.evaluate" && call.Result?.Text("value") == metric.Text("value") && call.Arguments.Text("expression") == metric.Text("formula")
        && metric.Items("inputs").All(input => call.Arguments.GetProperty("variables").Text(input.Text("name")!) == input.Text("value"));

    /// <summary>Everything that may be cited: attached tables by name, query results by their source.</summary>
    private static Dictionary<string, JsonElement> Tables(GoalView goal, IEnumerable<GoalEvent> journal) =>
        goal.Artifacts.Where(a => a.Kind == "table").Select(a => (Key: a.Origin.Source! + "!", Value: a.Value!.Value))
            .Concat(journal.OfType<ToolReturned>().Where(c => c is { Tool: "sql.query", Result: not null }).Select(c => (Key: c.Result!.Value.Text("source")! + "#", Value: c.Result!.Value)))
            .ToDictionary(t => t.Key, t => t.Value, StringComparer.Ordinal);

    /// <summary>The cells at <c>TABLE!row:column</c> or <c>sql:id#row:column</c>; the column by its label, wherever the header stands.</summary>
    private static IEnumerable<string> Cells(Dictionary<string, JsonElement> tables, string source)
    {
        var place = Place().Match(source);
        Assert.True(place.Success, source);
        var table = tables[place.Groups["table"].Value];
        var row = table.Items("rows")[int.Parse(place.Groups["row"].Value) - 1].EnumerateArray().Select(cell => cell.GetString()).ToList();
        var headers = table.Items("rows").Take(8).Select(r => r.EnumerateArray().Select(cell => cell.GetString()).ToList()).Prepend([.. table.Items("columns").Select(c => c.GetString())]);
        var columns = headers.Select(header => header.FindIndex(label => label?.Trim() == place.Groups["column"].Value)).Where(at => at >= 0 && at < row.Count);
        return columns.Select(column => row[column] ?? "");
    }

    /// <summary>The significant digits and the sign, whatever the notation: "(6,628)" and "-6628" are one.</summary>
    private static string Digits(string number)
    {
        var plain = number.Trim();
        var sign = plain.StartsWith('-') || plain.StartsWith('(') ? "-" : "";
        var german = GermanDecimal().IsMatch(plain);
        var parts = plain.Replace(german ? "." : ",", "", StringComparison.Ordinal).Replace(',', '.').Split('.');
        var whole = string.Concat(parts[0].Where(char.IsAsciiDigit));
        var rest = parts.Length > 1 ? string.Concat(parts[1].Where(char.IsAsciiDigit)).TrimEnd('0') : "";
        return sign + whole + (rest.Length > 0 ? "." + rest : "");
    }

    [GeneratedRegex(@"^(?<table>.+[!#])(?<row>\d+):(?<column>.+)$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Place();

    [GeneratedRegex(@"\d[\d,]*(\.\d+)?%", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Percentages();

    [GeneratedRegex(@"^\d{1,3}(\.\d{3})+,\d+$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex GermanDecimal();
}
