using System.Text.Json.Nodes;

namespace AgentMesh.Agents.Rules.Finance;

/// <summary>What moved the quarter: segments by their share in the growth, and management's own notes.</summary>
internal sealed class SegmentDrivers(Ledger ledger, Computation computation, Period period)
{
    public async Task<IReadOnlyList<JsonNode>> Find(CancellationToken ct)
    {
        var drivers = new List<(decimal Rank, JsonNode Driver)>();
        foreach (var segment in ledger.Segments)
            if (await Segment(segment, ct) is { } driver) drivers.Add(driver);
        var ordered = drivers.OrderByDescending(driver => driver.Rank).Select(driver => driver.Driver).ToList();
        foreach (var note in ledger.Notes.Where(note => note.Period == period)) ordered.Add(Driver(note.Text, note.Source));
        return ordered;
    }

    private async Task<(decimal, JsonNode)?> Segment(string segment, CancellationToken ct)
    {
        var now = ledger["revenue", period, segment];
        var before = ledger["revenue", period.YearAgo, segment];
        var (total, totalBefore) = (ledger["revenue", period], ledger["revenue", period.YearAgo]);
        if (now is null) return null;
        var key = string.Concat(segment.ToLowerInvariant().Select(c => char.IsLetterOrDigit(c) ? c : '_'));
        computation.Take($"{key}_revenue", $"{segment} revenue", "currency", period, now);
        var share = await computation.Compute($"{key}_share_of_revenue", $"{segment} share of revenue", "percent", period, "segment / revenue * 100", 1,
            [new("segment", now), new("revenue", total)], ct);
        var growth = await computation.Compute($"{key}_revenue_growth_yoy", $"{segment} revenue growth on a year ago", "percent", period,
            "(segment - segment_year_ago) / segment_year_ago * 100", 1, [new("segment", now), new("segment_year_ago", before)], ct);
        var contribution = total?.Value == totalBefore?.Value ? null : await computation.Compute($"{key}_share_of_growth", $"{segment} share of the change in revenue", "percent", period,
            "(segment - segment_year_ago) / (revenue - revenue_year_ago) * 100", 1,
            [new("segment", now), new("segment_year_ago", before), new("revenue", total), new("revenue_year_ago", totalBefore)], ct);
        await computation.Compute($"{key}_gross_margin", $"{segment} gross margin", "percent", period, "gross_profit / segment * 100", 1,
            [new("gross_profit", ledger["gross_profit", period, segment]), new("segment", now)], ct);
        // Without the year before, the share is all that can be said.
        if (growth is null) return share is null ? null : (Computation.Rank(share), Driver($"{segment} revenue is {share}% of the total.", now.Source));

        var falling = growth.StartsWith('-');
        var text = $"{segment} revenue {(falling ? "fell" : "grew")} {growth.TrimStart('-')}% on a year ago"
            + (contribution is null ? "" : $" and accounts for {contribution}% of the change in revenue")
            + (share is null ? "" : $"; it is {share}% of the total");
        var rank = contribution is null ? Computation.Rank(growth) : Computation.Rank(contribution);
        return (rank, Driver(text + ".", before is null ? now.Source : $"{now.Source}; {before.Source}"));
    }

    private static JsonObject Driver(string text, string source) => new() { ["text"] = text, ["source"] = source };
}
