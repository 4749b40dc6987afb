using System.Globalization;
using System.Text.RegularExpressions;

namespace AgentMesh.Agents.Rules.Finance;

/// <summary>One number as a table gives it.</summary>
/// <param name="Value">In the table's own unit.</param>
/// <param name="Source">The cell: <c>file.csv!row:column</c> or <c>sql:id#row:column</c>.</param>
/// <param name="Scale">What one unit stands for (1000 for thousands); null where the table does not say.</param>
internal sealed record Figure(decimal Value, string Source, decimal? Scale)
{
    public string Text => Value.ToString("0.############################", CultureInfo.InvariantCulture);
}

/// <summary>Reads numbers as people write them. A column decides together what its commas and dots mean.</summary>
internal sealed partial class FigureFormat
{
    private readonly bool decimalComma;

    public FigureFormat(IEnumerable<string?> column)
    {
        var cells = column.OfType<string>().Select(cell => NotNumber().Replace(cell, "")).Where(cell => cell.Length > 0).ToList();
        decimalComma = cells.Any(cell => cell.LastIndexOf(',') > cell.LastIndexOf('.') && cell.Contains('.', StringComparison.Ordinal))
            || cells.Any(cell => cell.Count(c => c == '.') > 1)
            || (cells.All(cell => !cell.Contains('.', StringComparison.Ordinal)) && cells.Any(cell => cell.Contains(',', StringComparison.Ordinal) && !Thousands().IsMatch(cell)));
    }

    /// <summary>Empty cells and the signs that people put for "not there".</summary>
    public static bool IsMissing(string? cell) => cell is null || Missing().IsMatch(cell);

    public static bool IsPercent(string? cell) => cell?.TrimEnd().EndsWith('%') == true;

    /// <returns>Null when the cell is no number.</returns>
    public decimal? Read(string cell)
    {
        var text = Unit().Replace(cell.Trim(), "").Trim();
        var negative = text.StartsWith('(') && text.EndsWith(')');
        if (negative) text = text[1..^1].Trim();
        text = text.Replace('−', '-').Replace('–', '-');
        text = Spaces().Replace(text, "");
        text = Unit().Replace(text, "");
        if (text.EndsWith('-')) text = "-" + text[..^1];
        text = decimalComma
            ? text.Replace(".", "", StringComparison.Ordinal).Replace(',', '.')
            : text.Replace(",", "", StringComparison.Ordinal);
        if (!Plain().IsMatch(text) || !decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)) return null;
        return negative ? -value : value;
    }

    [GeneratedRegex(@"[^\d.,]", RegexOptions.NonBacktracking)]
    private static partial Regex NotNumber();

    [GeneratedRegex(@"^\d{1,3}(,\d{3})+$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Thousands();

    [GeneratedRegex(@"^\s*(|-|–|—|n/?a\.?|nan|null|none|\.+|…|tbd|k\.\s?a\.|nil)\s*$", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Missing();

    [GeneratedRegex(@"^[$€£]|[$€£]$|^(USD|EUR|GBP|CHF)\s?|\s?(USD|EUR|GBP|CHF)$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Unit();

    [GeneratedRegex(@"[\s'’_]", RegexOptions.NonBacktracking)]
    private static partial Regex Spaces();

    [GeneratedRegex(@"^[+-]?\d+(\.\d+)?$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Plain();
}
