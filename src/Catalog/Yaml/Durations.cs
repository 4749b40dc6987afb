using System.Globalization;

namespace AgentMesh.Catalog.Yaml;

/// <summary>Times as people write them: <c>500ms</c>, <c>1.5s</c>, <c>5m</c>, <c>2h</c>, <c>1d</c>.</summary>
internal static class Durations
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var unit = text.Length - text.AsSpan().TrimEnd("abcdefghijklmnopqrstuvwxyz").Length;
        var amount = text[..^unit];
        var seconds = text[^unit..] switch { "ms" => 0.001, "s" => 1, "m" => 60, "h" => 3_600, "d" => 86_400, _ => 0 };
        if (seconds == 0 || !amount.All(c => char.IsAsciiDigit(c) || c == '.') || !YamlNumbers.IsNumber(amount)) return false;
        var value = double.Parse(amount, CultureInfo.InvariantCulture) * seconds;
        if (value > Longest.TotalSeconds) return false;
        duration = TimeSpan.FromSeconds(value);
        return true;
    }
}
