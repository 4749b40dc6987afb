using System.Globalization;
using System.Text.Json;

namespace AgentMesh.Agents.Rules.Finance;

/// <summary>Puts a table's figures into the ledger, whichever way round it lies and whatever stands above its header.</summary>
internal sealed class TableReader(Ledger ledger, FinanceTerms terms)
{
    private const int HeaderWithin = 8;

    /// <param name="table">columns and rows of text cells.</param>
    /// <param name="source">What its cells are cited by.</param>
    /// <param name="separator">Between source and cell: <c>!</c> for files, <c>#</c> for queries.</param>
    public void Read(JsonElement table, string source, char separator)
    {
        var columns = table.Texts("columns").ToList();
        var rows = table.Items("rows").Select(row => row.EnumerateArray().Select(cell => cell.ValueKind == JsonValueKind.String ? cell.GetString() : null).ToList()).ToList();
        var grid = new Grid(source, separator, columns, rows);
        var header = Header(grid);
        if (header is null) return;
        var (at, labels) = header.Value;
        var title = string.Join(' ', new[] { table.Text("name") ?? "" }.Concat(at < 0 ? [] : columns).Concat(grid.Rows.Take(Math.Max(0, at)).SelectMany(row => row.OfType<string>())));
        var scale = terms.Scale(title);
        ledger.Currency ??= terms.Currency(title);
        if (labels.Any(label => terms.Concept(label) == "period") || labels.Any(label => terms.Concept(label) == "period_end")) ByRow(grid, at, labels, scale);
        else ByColumn(grid, at, labels, scale);
    }

    /// <summary>The first line with two known names, or with two quarters; -1 is the column line itself.</summary>
    private (int At, IReadOnlyList<string?> Labels)? Header(Grid grid)
    {
        for (var at = -1; at < Math.Min(HeaderWithin, grid.Rows.Count); at++)
        {
            IReadOnlyList<string?> labels = at < 0 ? [.. grid.Columns] : grid.Rows[at];
            if (labels.Count(label => terms.Concept(label) is not null) >= 2 || labels.Count(label => Period.Read(label) is not null) >= 2) return (at, labels);
        }
        return null;
    }

    private void ByRow(Grid grid, int header, IReadOnlyList<string?> labels, decimal? tableScale)
    {
        var concepts = labels.Select(terms.Concept).ToList();
        var periodAt = concepts.IndexOf("period");
        if (periodAt < 0) periodAt = concepts.IndexOf("period_end");
        var segmentAt = concepts.IndexOf("segment");
        var noteAt = concepts.IndexOf("note");
        var topicAt = concepts.IndexOf("topic");
        var formats = labels.Select((_, column) => new FigureFormat(grid.Rows.Skip(header + 1).Select(row => column < row.Count ? row[column] : null))).ToList();
        for (var r = header + 1; r < grid.Rows.Count; r++)
        {
            var row = grid.Rows[r];
            if (Period.Read(row.ElementAtOrDefault(periodAt)) is not { } period) continue;
            var segment = segmentAt < 0 ? "" : Segment(row.ElementAtOrDefault(segmentAt));
            if (segmentAt >= 0 && segment.Length == 0) continue;
            if (noteAt >= 0 && row.ElementAtOrDefault(noteAt) is { Length: > 0 } note)
                ledger.Note(period, topicAt >= 0 && row.ElementAtOrDefault(topicAt) is { Length: > 0 } topic ? $"{topic}: {note}" : note, grid.Cell(r, noteAt, labels));
            var restated = terms.Restated(row);
            for (var c = 0; c < Math.Min(labels.Count, row.Count); c++)
                if (concepts[c] is { } concept && concept is not ("period" or "period_end" or "segment" or "note" or "topic"))
                    Add(grid, segment, concept, period, row[c], formats[c], grid.Cell(r, c, labels), ScaleOf(labels[c], tableScale), restated);
        }
    }

    private void ByColumn(Grid grid, int header, IReadOnlyList<string?> labels, decimal? tableScale)
    {
        var periods = labels.Select(Period.Read).ToList();
        for (var r = header + 1; r < grid.Rows.Count; r++)
        {
            var row = grid.Rows[r];
            if (row.Count == 0 || terms.Concept(row[0]) is not { } concept) continue;
            var format = new FigureFormat(row.Skip(1));
            for (var c = 1; c < Math.Min(periods.Count, row.Count); c++)
                if (periods[c] is { } period)
                    Add(grid, "", concept, period, row[c], format, grid.Cell(r, c, labels), ScaleOf(row[0], tableScale), terms.Restated([labels[c], row[0]]));
        }
    }

    private void Add(Grid grid, string segment, string concept, Period period, string? cell, FigureFormat format, string at, decimal? scale, bool restated)
    {
        if (FigureFormat.IsMissing(cell)) ledger.Warn($"{concept} of {period} is missing at {at}; it was not taken for zero.");
        else if (FigureFormat.IsPercent(cell)) return;
        else if (format.Read(cell!) is { } value) ledger.Add(segment, concept, period, new Figure(value, at, scale), grid.Source, restated);
        else ledger.Warn($"'{cell}' at {at} is no number; it was left out.");
    }

    private decimal? ScaleOf(string? label, decimal? table) => (label is null ? null : terms.Scale(label)) ?? table;

    /// <summary>"services " and "Services" are one segment, by the spelling seen first with a capital.</summary>
    private string Segment(string? raw)
    {
        var name = (raw ?? "").Trim();
        if (name.Length == 0) return "";
        return ledger.Segments.FirstOrDefault(known => known.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? char.ToUpperInvariant(name[0]) + name[1..];
    }

    private sealed record Grid(string Source, char Separator, IReadOnlyList<string> Columns, IReadOnlyList<List<string?>> Rows)
    {
        /// <summary>Rows count from 1 below the column line, as the tools count them.</summary>
        public string Cell(int row, int column, IReadOnlyList<string?> labels) =>
            string.Create(CultureInfo.InvariantCulture, $"{Source}{Separator}{row + 1}:{labels.ElementAtOrDefault(column)?.Trim() ?? Columns[column]}");
    }
}
