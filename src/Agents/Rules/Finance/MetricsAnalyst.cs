using System.Globalization;
using System.Text.Json.Nodes;
using AgentMesh.Contracts;

namespace AgentMesh.Agents.Rules.Finance;

/// <summary>Tables and the finance database → growth, earnings per share, margins and drivers of the latest quarter, each with its cells and its formula.</summary>
public sealed class MetricsAnalyst : IRuleBehaviour
{
    public string Role => "analyst";
    public IReadOnlyList<string> Produces { get; } = ["metrics"];

    public async Task<StepOutcome> Run(StepWork work, IAgentCalls calls, CancellationToken ct)
    {
        if (work.Tools.All(tool => tool.Name != Computation.Tool))
            return new StepOutcome.Failed(FailureKind.Permanent, $"Step '{work.Step.Id}' needs {Computation.Tool}, which its scope does not give it; figures are never computed without it.");
        var terms = FinanceTerms.Default;
        var ledger = new Ledger();
        var reader = new TableReader(ledger, terms);
        foreach (var input in work.Inputs)
            if (input.Kind == "table" && input.Value is { } table) reader.Read(table, table.Text("name") ?? table.Text("source") ?? input.Id.Value, '!');
        var database = new FinanceDatabase(terms, calls);
        if (work.Tools.Any(tool => tool.Name == FinanceDatabase.Tool)) await database.Read(reader, ledger, ct);

        if (ledger.Latest is not { } period)
            return new StepOutcome.Failed(FailureKind.Permanent, $"No table has a revenue by quarter. {string.Join(" ", ledger.Warnings)}".TrimEnd());
        var computation = new Computation(calls, ledger);
        await new CompanyFigures(ledger, computation, period).Compute(ct);
        var drivers = await new SegmentDrivers(ledger, computation, period).Find(ct);

        var value = new JsonObject { ["metrics"] = Json.List(computation.Metrics), ["drivers"] = Json.List(drivers) };
        if (ledger.Currency is { } currency) value["currency"] = currency;
        if (Amounts(ledger, period) is { } amounts) value["amounts"] = amounts;
        if (ledger.Warnings.Count > 0) value["warnings"] = Json.List(ledger.Warnings);
        var reason = string.Create(CultureInfo.InvariantCulture,
            $"{computation.Metrics.Count} figures for {period}, {computation.Made.Count} calculations, {drivers.Count} drivers{(ledger.Warnings.Count > 0 ? $", {ledger.Warnings.Count} remarks on the data" : "")}.");
        return new StepOutcome.Completed(value.Element(), Confidence(ledger, period), RuleTier.Name,
            new Rationale(reason, [], [.. work.Inputs.Select(input => input.Id.Value), .. database.Made, .. computation.Made]));
    }

    /// <summary>What amounts are counted in, "thousand USD"; null where the tables do not say.</summary>
    private static string? Amounts(Ledger ledger, Period period)
    {
        var scale = ledger["revenue", period]?.Scale switch { 1_000 => "thousand", 1_000_000 => "million", 1_000_000_000 => "billion", _ => null };
        return scale is null ? ledger.Currency : $"{scale} {ledger.Currency}".TrimEnd();
    }

    /// <summary>By how many of the five figures that a brief needs are there.</summary>
    private static double Confidence(Ledger ledger, Period period)
    {
        string[] needed = ["revenue", "gross_profit", "operating_income", "net_income", "diluted_shares"];
        var there = needed.Count(concept => ledger[concept, period] is not null || (concept == "gross_profit" && ledger["cost_of_revenue", period] is not null));
        return Math.Round(0.4 + 0.1 * there, 2);
    }
}
