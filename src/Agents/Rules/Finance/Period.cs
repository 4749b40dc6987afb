using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace AgentMesh.Agents.Rules.Finance;

/// <summary>A quarter. Ordered in time.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly partial record struct Period(int Year, int Quarter) : IComparable<Period>
{
    public Period Previous => Quarter == 1 ? new Period(Year - 1, 4) : this with { Quarter = Quarter - 1 };
    public Period YearAgo => this with { Year = Year - 1 };

    /// <summary>This quarter and the three before it, oldest first.</summary>
    public IReadOnlyList<Period> LastFour => [Previous.Previous.Previous, Previous.Previous, Previous, this];

    public static Period? Read(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        var year = YearFirst().Match(text);
        if (!year.Success) year = QuarterFirst().Match(text);
        if (year.Success) return Of(year.Groups["year"].Value, int.Parse(year.Groups["quarter"].Value, CultureInfo.InvariantCulture));
        var date = Date().Match(text);
        return date.Success && int.Parse(date.Groups["month"].Value, CultureInfo.InvariantCulture) is >= 1 and <= 12 and var month
            ? Of(date.Groups["year"].Value, (month + 2) / 3) : null;
    }

    private static Period Of(string year, int quarter)
    {
        var number = int.Parse(year, CultureInfo.InvariantCulture);
        return new Period(number < 100 ? 2000 + number : number, quarter);
    }

    public int CompareTo(Period other) => (Year, Quarter).CompareTo((other.Year, other.Quarter));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Year}-Q{Quarter}");

    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant;

    [GeneratedRegex(@"^\s*(FY)?\s*(?<year>\d{4})\s*[-/ .]?\s*Q(?<quarter>[1-4])\b", Options, 1000)]
    private static partial Regex YearFirst();

    [GeneratedRegex(@"^\s*Q(?<quarter>[1-4])\s*[-/ .'’]?\s*(FY)?\s*[-/ .'’]?(?<year>\d{4}|\d{2})\b", Options, 1000)]
    private static partial Regex QuarterFirst();

    [GeneratedRegex(@"^\s*(?<year>\d{4})-(?<month>\d{2})(-\d{2})?\b", Options, 1000)]
    private static partial Regex Date();
}
