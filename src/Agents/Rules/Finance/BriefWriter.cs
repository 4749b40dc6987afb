using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMesh.Contracts;

namespace AgentMesh.Agents.Rules.Finance;

/// <summary>Metrics → an earnings brief in Markdown. Each figure is written as it was given and carries a footnote with its formula and cells.</summary>
public sealed class BriefWriter : IRuleBehaviour
{
    public string Role => "writer";
    public IReadOnlyList<string> Produces { get; } = ["brief"];

    public Task<StepOutcome> Run(StepWork work, IAgentCalls calls, CancellationToken ct) => Task.FromResult<StepOutcome>(
        work.Input("metrics") is { Value: { } metrics } input
            ? new Draft(metrics).Write(input)
            : new StepOutcome.Failed(FailureKind.Permanent, $"Step '{work.Step.Id}' has no metrics to write about; give it some as input."));

    private sealed class Draft(JsonElement metrics)
    {
        private readonly StringBuilder text = new();
        private readonly List<string> footnotes = [];
        private readonly List<JsonNode> figures = [];

        public StepOutcome.Completed Write(Artifact input)
        {
            var period = Metric("revenue")?.Text("period") ?? "the latest quarter";
            text.Append(CultureInfo.InvariantCulture, $"# Earnings brief, {period}\n\n");
            Revenue(period);
            Profitability();
            Drivers();
            Remarks();
            text.Append('\n');
            foreach (var footnote in footnotes) text.Append(footnote).Append('\n');

            var value = new JsonObject { ["markdown"] = text.ToString(), ["figures"] = Json.List(figures) };
            return new StepOutcome.Completed(value.Element(), figures.Count >= 4 ? 0.9 : 0.55, RuleTier.Name,
                new Rationale($"{figures.Count} figures, each with its formula and cells.", [], [input.Id.Value]));
        }

        private void Revenue(string period)
        {
            text.Append("## Revenue Overview\n\n");
            if (Figure("revenue") is { } revenue)
            {
                text.Append(CultureInfo.InvariantCulture, $"Revenue in {period} was {revenue}");
                if (Change("revenue_growth_yoy") is { } year) text.Append(CultureInfo.InvariantCulture, $", {year} on a year ago{After(" (", Figure("revenue_year_ago"), ")")}");
                if (Change("revenue_growth_qoq") is { } quarter) text.Append(CultureInfo.InvariantCulture, $" and {quarter} on the previous quarter{After(" (", Figure("revenue_previous_quarter"), ")")}");
                text.Append(".\n");
            }
            else text.Append("The data holds no revenue for this quarter.\n");
            if (Figure("revenue_last_four_quarters") is { } four)
                text.Append(CultureInfo.InvariantCulture, $"\nThe last four quarters brought {four}{After(", ", Change("revenue_growth_last_four_quarters"), " on the four before")}.\n");
        }

        private void Profitability()
        {
            text.Append("\n## EPS & Profitability\n\n");
            if (Figure("eps_diluted") is { } eps)
            {
                text.Append(CultureInfo.InvariantCulture, $"Diluted EPS was {eps}");
                if (Figure("eps_diluted_year_ago") is { } ago) text.Append(CultureInfo.InvariantCulture, $" against {ago} a year ago{After(", ", Change("eps_growth_yoy"), "")}");
                text.Append(CultureInfo.InvariantCulture, $"{After("; the previous quarter had ", Figure("eps_diluted_previous_quarter"), "")}.");
                text.Append(CultureInfo.InvariantCulture, $"{After(" Net income was ", Figure("net_income"), ".")}\n\n");
            }
            else text.Append(CultureInfo.InvariantCulture, $"EPS cannot be told from the data.{After(" Net income was ", Figure("net_income"), ".")}\n\n");
            text.Append("| Margin | This quarter | A year ago |\n|---|---|---|\n");
            foreach (var (name, label) in new[] { ("gross_margin", "Gross"), ("operating_margin", "Operating"), ("net_margin", "Net") })
                text.Append(CultureInfo.InvariantCulture, $"| {label} | {Figure(name) ?? "not in the data"} | {Figure(name + "_year_ago") ?? "not in the data"} |\n");
        }

        private void Drivers()
        {
            text.Append("\n## Key Drivers\n\n");
            var drivers = metrics.Items("drivers");
            if (drivers.Count == 0) text.Append("The data says nothing on what moved the quarter.\n");
            foreach (var driver in drivers)
            {
                footnotes.Add(string.Create(CultureInfo.InvariantCulture, $"[^{footnotes.Count + 1}]: {driver.Text("source")}"));
                text.Append(CultureInfo.InvariantCulture, $"- {OneLine(driver.Text("text") ?? "")}[^{footnotes.Count}]\n");
                foreach (var metric in metrics.Items("metrics").Where(metric => Quoted(driver, metric)))
                    Trace($"{metric.Text("value")}%", metric);
            }
        }

        private void Remarks()
        {
            var warnings = metrics.Texts("warnings");
            if (warnings.Count == 0 && metrics.Text("amounts") is not null) return;
            text.Append("\n## Remarks on the Data\n\n");
            if (metrics.Text("amounts") is null) text.Append("- Amounts are in the unit of the tables, which do not name it.\n");
            foreach (var warning in warnings) text.Append(CultureInfo.InvariantCulture, $"- {OneLine(warning)}\n");
        }

        /// <summary>A driver that the analyst wrote repeats metrics of its segment; those are figures of the brief too.</summary>
        private static bool Quoted(JsonElement driver, JsonElement metric)
        {
            var label = metric.Text("label") ?? "";
            var segment = label.Split(' ')[0];
            return metric.Text("unit") == "percent" && driver.Text("text") is { } line && line.StartsWith(segment + " revenue ", StringComparison.Ordinal)
                && label.StartsWith(segment + " ", StringComparison.Ordinal) && line.Contains($" {metric.Text("value")!.TrimStart('-')}%", StringComparison.Ordinal);
        }

        private JsonElement? Metric(string name)
        {
            foreach (var metric in metrics.Items("metrics"))
                if (metric.Text("name") == name) return metric;
            return null;
        }

        /// <summary>The figure as it is printed, with its footnote; null when it is not there.</summary>
        private string? Figure(string name)
        {
            if (Metric(name) is not { } metric) return null;
            return Cited(Printed(metric), metric);
        }

        /// <summary>"up 11.9%" or "down 3.0%".</summary>
        private string? Change(string name)
        {
            if (Metric(name) is not { } metric || metric.Text("value") is not { } value) return null;
            return value.StartsWith('-') ? $"down {Cited($"{value[1..]}%", metric)}" : $"up {Cited($"{value}%", metric)}";
        }

        private string Cited(string printed, JsonElement metric)
        {
            var cells = metric.Items("inputs").Select(input => $"{input.Text("name")} = {input.Text("value")} ({input.Text("source")})");
            footnotes.Add(string.Create(CultureInfo.InvariantCulture, $"[^{footnotes.Count + 1}]: {metric.Text("label")}, {metric.Text("period")}: {metric.Text("formula")}; {string.Join(", ", cells)}"));
            Trace(printed, metric);
            return string.Create(CultureInfo.InvariantCulture, $"{printed}[^{footnotes.Count}]");
        }

        private void Trace(string printed, JsonElement metric) => figures.Add(new JsonObject
        {
            ["text"] = printed,
            ["metric"] = metric.Text("name"),
            ["sources"] = Json.List(metric.Items("inputs").Select(input => input.Text("source") ?? "")),
        });

        private string Printed(JsonElement metric)
        {
            var value = metric.Text("value") ?? "";
            if (metric.Text("unit") == "percent") return $"{value}%";
            var dot = value.IndexOf('.', StringComparison.Ordinal);
            var whole = dot < 0 ? value : value[..dot];
            var grouped = decimal.TryParse(whole, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) && number != 0
                ? number.ToString("#,##0", CultureInfo.InvariantCulture) : whole;
            var unit = metric.Text("unit") != "currency" ? null : PerShare(metric) ? metrics.Text("currency") : metrics.Text("amounts");
            return grouped + (dot < 0 ? "" : value[dot..]) + (unit is null ? "" : " " + unit);
        }

        private static bool PerShare(JsonElement metric) => metric.Text("name")!.StartsWith("eps_", StringComparison.Ordinal);

        private static string After(string before, string? value, string behind) => value is null ? "" : before + value + behind;

        private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }
}
