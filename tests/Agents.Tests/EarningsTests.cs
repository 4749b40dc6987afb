using System.Globalization;
using System.Text.Json;
using AgentMesh.Agents.Rules.Finance;
using AgentMesh.Agents.Schema;
using AgentMesh.Contracts;
using AgentMesh.Tools.Calculator;

namespace AgentMesh.Agents.Tests;

/// <summary>The analyst and the brief writer on the earnings sample, with the real calculator.</summary>
public sealed class EarningsTests(ITestOutputHelper output)
{
    private static readonly CalculatorTool Calculator = new();

    private static ScriptedCalls Calls() => new ScriptedCalls().Tool("calc.evaluate", arguments =>
        Calculator.Invoke(new ToolCall(new GoalId("g"), "default", new StepId("s"), new CallId("s/1"), "g/s/1", arguments), CancellationToken.None).Result.Value.GetRawText());

    private static async Task<JsonElement> Analyse(params string[] files)
    {
        var tables = files.Select((file, index) => TestKit.Attach(Path.Combine(TestKit.Samples(), "earnings", file), index + 1)).ToList();
        var outcome = await new MetricsAnalyst().Run(TestKit.Work("analyst", "metrics", tables, [Calculator.Descriptor]), Calls(), TestContext.Current.CancellationToken);
        var done = Assert.IsType<StepOutcome.Completed>(outcome);
        Assert.Empty(SchemaValidator.For(TestKit.Catalogue.Kinds["metrics"]).Validate(done.Value));
        return done.Value;
    }

    private static string? Value(JsonElement metrics, string name) => metrics.GetProperty("metrics").EnumerateArray()
        .Where(metric => metric.GetProperty("name").GetString() == name).Select(metric => metric.GetProperty("value").GetString()).FirstOrDefault();

    public static TheoryData<string, string> Expected { get; } = new()
    {
        { "revenue", "revenue" },
        { "revenueGrowthQoQPercent", "revenue_growth_qoq" },
        { "revenueGrowthYoYPercent", "revenue_growth_yoy" },
        { "revenueLastFourQuarters", "revenue_last_four_quarters" },
        { "netIncome", "net_income" },
        { "epsDiluted", "eps_diluted" },
        { "epsDilutedPreviousQuarter", "eps_diluted_previous_quarter" },
        { "epsDilutedAYearAgo", "eps_diluted_year_ago" },
        { "epsDilutedGrowthYoYPercent", "eps_growth_yoy" },
        { "grossMarginPercent", "gross_margin" },
        { "operatingMarginPercent", "operating_margin" },
        { "netMarginPercent", "net_margin" },
        { "grossMarginAYearAgoPercent", "gross_margin_year_ago" },
        { "operatingMarginAYearAgoPercent", "operating_margin_year_ago" },
        { "netMarginAYearAgoPercent", "net_margin_year_ago" },
    };

    [Theory]
    [MemberData(nameof(Expected))]
    public async Task Every_figure_is_right_from_clean_and_from_messy_files(string expected, string metric)
    {
        var figures = MeshJson.Parse(await File.ReadAllBytesAsync(Path.Combine(TestKit.Samples(), "earnings/expected.json"), TestContext.Current.CancellationToken)).GetProperty("figures");
        var right = figures.GetProperty(expected).GetProperty("value").GetString();
        Assert.Equal(right, Value(await Analyse("income.csv", "segments.csv", "shares.csv", "headcount.csv"), metric));
        Assert.Equal(right, Value(await Analyse("messy/income.csv", "messy/segments.csv", "messy/shares.tsv"), metric));
    }

    [Fact]
    public async Task Growth_of_the_last_four_quarters_needs_eight_and_is_left_out_where_there_are_fewer()
    {
        Assert.Equal("11.4", Value(await Analyse("income.csv", "shares.csv"), "revenue_growth_last_four_quarters"));
        var messy = await Analyse("messy/income.csv");
        Assert.NotNull(Value(messy, "revenue_growth_last_four_quarters") ?? Value(messy, "revenue_last_four_quarters"));
    }

    [Theory]
    [InlineData("software", "29.6")]
    [InlineData("instruments", "4.6")]
    [InlineData("services", "9.5")]
    public async Task Segments_grow_as_they_should(string segment, string growth) =>
        Assert.Equal(growth, Value(await Analyse("income.csv", "segments.csv", "shares.csv"), segment + "_revenue_growth_yoy"));

    [Fact]
    public async Task Warts_are_told_with_their_cell()
    {
        var warnings = (await Analyse("messy/income.csv", "messy/segments.csv", "messy/shares.tsv")).GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString()!).ToList();
        foreach (var warning in warnings) output.WriteLine(warning);
        Assert.Contains(warnings, warning => warning.Contains("cost_of_revenue of 2025-Q1 is missing at income.csv!", StringComparison.Ordinal));
        Assert.Contains(warnings, warning => warning.Contains("operating_income of 2026-Q1 is missing at income.csv!", StringComparison.Ordinal));
        Assert.Contains(warnings, warning => warning.Contains("116140", StringComparison.Ordinal) && warning.Contains("115285", StringComparison.Ordinal) && warning.Contains("restated", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_brief_prints_only_figures_that_the_metrics_hold()
    {
        var metrics = TestKit.Input("metrics", await Analyse("messy/income.csv", "messy/segments.csv", "messy/shares.tsv"), "metrics");
        var outcome = await new BriefWriter().Run(TestKit.Work("writer", "brief", [metrics]), new ScriptedCalls(), TestContext.Current.CancellationToken);
        var brief = Assert.IsType<StepOutcome.Completed>(outcome).Value;
        Assert.Empty(SchemaValidator.For(TestKit.Catalogue.Kinds["brief"]).Validate(brief));
        var markdown = brief.GetProperty("markdown").GetString()!;
        output.WriteLine(markdown);
        foreach (var heading in new[] { "## Revenue Overview", "## EPS & Profitability", "## Key Drivers" }) Assert.Contains(heading, markdown, StringComparison.Ordinal);
        Assert.Contains("128,990 thousand USD[^", markdown, StringComparison.Ordinal);
        var known = metrics.Value!.Value.GetProperty("metrics").EnumerateArray().ToDictionary(metric => metric.GetProperty("name").GetString()!, metric => metric.GetProperty("value").GetString()!, StringComparer.Ordinal);
        Assert.All(brief.GetProperty("figures").EnumerateArray(), figure =>
        {
            Assert.Contains(Digits(figure.GetProperty("text").GetString()!), Digits(known[figure.GetProperty("metric").GetString()!]), StringComparison.Ordinal);
            Assert.NotEqual(0, figure.GetProperty("sources").GetArrayLength());
        });
    }

    [Fact]
    public async Task The_database_fills_in_what_the_files_lack()
    {
        var income = TestKit.Attach(Path.Combine(TestKit.Samples(), "earnings/income.csv")).Value!.Value;
        var sql = new ToolDescriptor { Name = "sql.query", Description = "", Parameters = MeshJson.Parse("{}"), Effect = ToolEffect.Pure };
        var queries = 0;
        var calls = Calls().Tool("sql.query", arguments =>
        {
            queries++;
            var text = arguments.GetProperty("sql").GetString()!;
            if (text.Contains("information_schema", StringComparison.Ordinal))
                return """{"columns":["table_schema","table_name","column_name"],"rows":[["finance","guidance","period"],["finance","notes","quarter"],["finance","notes","topic"],["finance","notes","note"],["finance","results","quarter"],["finance","results","revenue"],["finance","results","net_income"]],"source":"sql:q1"}""";
            if (text.Contains("\"notes\"", StringComparison.Ordinal))
                return """{"columns":["quarter","topic","note"],"rows":[["2026-Q2","software","Subscriptions passed 10,000 sites."],["2026-Q1","x","Old."]],"source":"sql:q2"}""";
            return $$"""{"columns":{{income.GetProperty("columns").GetRawText()}},"rows":{{income.GetProperty("rows").GetRawText()}},"source":"sql:q3"}""";
        });
        var outcome = await new MetricsAnalyst().Run(TestKit.Work("analyst", "metrics", [], [Calculator.Descriptor, sql]), calls, TestContext.Current.CancellationToken);
        var metrics = Assert.IsType<StepOutcome.Completed>(outcome).Value;
        Assert.Equal("5.0", Value(metrics, "revenue_growth_qoq"));
        Assert.Equal(3, queries);
        Assert.Contains(metrics.GetProperty("drivers").EnumerateArray(), driver => driver.GetProperty("source").GetString() == "sql:q2#1:note");
        Assert.DoesNotContain(metrics.GetProperty("drivers").EnumerateArray(), driver => driver.GetProperty("text").GetString()!.Contains("Old", StringComparison.Ordinal));
    }

    private static string Digits(string text) => string.Concat(text.Where(c => char.IsDigit(c) || c == '.')).TrimEnd('.').ToString(CultureInfo.InvariantCulture);
}
