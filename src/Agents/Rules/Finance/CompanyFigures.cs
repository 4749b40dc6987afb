using System.Globalization;

namespace AgentMesh.Agents.Rules.Finance;

/// <summary>Revenue, its growth, earnings per share and margins of the whole company.</summary>
internal sealed class CompanyFigures(Ledger ledger, Computation computation, Period period)
{
    public async Task Compute(CancellationToken ct)
    {
        await Revenue(ct);
        computation.Take("net_income", "Net income", "currency", period, ledger["net_income", period]);
        await EarningsPerShare(ct);
        foreach (var quarter in new[] { period, period.YearAgo })
        {
            var suffix = quarter == period ? "" : "_year_ago";
            await GrossMargin(quarter, suffix, ct);
            await Margin("operating_margin" + suffix, "Operating margin", "operating_income", quarter, ct);
            await Margin("net_margin" + suffix, "Net margin", "net_income", quarter, ct);
        }
    }

    private async Task Revenue(CancellationToken ct)
    {
        var now = ledger["revenue", period];
        computation.Take("revenue", "Revenue", "currency", period, now);
        computation.Take("revenue_previous_quarter", "Revenue of the previous quarter", "currency", period.Previous, ledger["revenue", period.Previous]);
        computation.Take("revenue_year_ago", "Revenue a year ago", "currency", period.YearAgo, ledger["revenue", period.YearAgo]);
        await Growth("revenue_growth_qoq", "Revenue growth on the previous quarter", now, ledger["revenue", period.Previous], "revenue_previous_quarter", ct);
        await Growth("revenue_growth_yoy", "Revenue growth on a year ago", now, ledger["revenue", period.YearAgo], "revenue_year_ago", ct);

        var four = Operands(period.LastFour, "q");
        await computation.Compute("revenue_last_four_quarters", "Revenue of the last four quarters", "currency", period, "q1 + q2 + q3 + q4", Decimals(four), four, ct);
        await computation.Compute("revenue_growth_last_four_quarters", "Growth of the last four quarters on the four before", "percent", period,
            "(q1 + q2 + q3 + q4) / (p1 + p2 + p3 + p4) * 100 - 100", 1, [.. four, .. Operands(period.YearAgo.LastFour, "p")], ct);
    }

    private List<Operand> Operands(IReadOnlyList<Period> quarters, string letter) =>
        [.. quarters.Select((quarter, index) => new Operand(string.Create(CultureInfo.InvariantCulture, $"{letter}{index + 1}"), ledger["revenue", quarter]))];

    private static int Decimals(IEnumerable<Operand> operands) => operands.Max(operand => operand.Figure?.Value.Scale ?? 0);

    private Task<string?> Growth(string name, string label, Figure? now, Figure? before, string beforeName, CancellationToken ct) =>
        computation.Compute(name, label, "percent", period, $"(revenue - {beforeName}) / {beforeName} * 100", 1, [new("revenue", now), new(beforeName, before)], ct);

    private async Task EarningsPerShare(CancellationToken ct)
    {
        foreach (var (quarter, suffix, label) in new[] { (period, "", "Diluted EPS"), (period.Previous, "_previous_quarter", "Diluted EPS of the previous quarter"), (period.YearAgo, "_year_ago", "Diluted EPS a year ago") })
            if (Factor(quarter) is { } factor)
                await computation.Compute("eps_diluted" + suffix, label, "currency", quarter, $"net_income{factor} / diluted_shares", 2, Earnings(quarter, ""), ct);
        if (Factor(period) is not { } same || Factor(period.YearAgo) != same) return;
        if (ledger["net_income", period.YearAgo] is not { Value: > 0 })
        {
            ledger.Warn($"EPS growth on {period.YearAgo} is not given, since there was no profit then.");
            return;
        }
        await computation.Compute("eps_growth_yoy", "Growth of diluted EPS on a year ago", "percent", period,
            "(net_income / diluted_shares) / (net_income_year_ago / diluted_shares_year_ago) * 100 - 100", 1, [.. Earnings(period, ""), .. Earnings(period.YearAgo, "_year_ago")], ct);
    }

    private Operand[] Earnings(Period quarter, string suffix) =>
        [new("net_income" + suffix, ledger["net_income", quarter]), new("diluted_shares" + suffix, ledger["diluted_shares", quarter])];

    /// <summary>Brings income and shares to one unit. Where only one table says its unit, an EPS would be a guess.</summary>
    private string? Factor(Period quarter)
    {
        if (ledger["net_income", quarter] is not { } income || ledger["diluted_shares", quarter] is not { } shares) return null;
        if (income.Scale == shares.Scale) return "";
        if (income.Scale is not { } from || shares.Scale is not { } to)
        {
            ledger.Warn($"EPS of {quarter} is not given: only one of {income.Source} and {shares.Source} says whether it counts thousands or millions.");
            return null;
        }
        return from > to
            ? string.Create(CultureInfo.InvariantCulture, $" * {from / to:0}")
            : string.Create(CultureInfo.InvariantCulture, $" / {to / from:0}");
    }

    private Task<string?> GrossMargin(Period quarter, string suffix, CancellationToken ct)
    {
        if (ledger["gross_profit", quarter] is not null || ledger["cost_of_revenue", quarter] is null) return Margin("gross_margin" + suffix, "Gross margin", "gross_profit", quarter, ct);
        return computation.Compute("gross_margin" + suffix, "Gross margin", "percent", quarter, "(revenue - cost_of_revenue) / revenue * 100", 1,
            [new("revenue", ledger["revenue", quarter]), new("cost_of_revenue", ledger["cost_of_revenue", quarter])], ct);
    }

    private Task<string?> Margin(string name, string label, string part, Period quarter, CancellationToken ct) =>
        computation.Compute(name, quarter == period ? label : label + " a year ago", "percent", quarter, $"{part} / revenue * 100", 1,
            [new(part, ledger[part, quarter]), new("revenue", ledger["revenue", quarter])], ct);
}
