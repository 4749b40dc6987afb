using System.Collections.Concurrent;

namespace AgentMesh.Inference.Grammars;

/// <summary>The formats of strings that are enforced, each as an expression that is at most as wide as the format.</summary>
internal static class Formats
{
    // The last days of months are exact; 29 February, which a pattern cannot tie to the year, is left out.
    private const string Date = "[0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))";
    private const string Clock = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,7})?(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])";
    private const string Label = "[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?";
    private const string Hex = "[0-9a-f]";
    private const string Byte = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";

    private static readonly Dictionary<string, string> Patterns = new(StringComparer.Ordinal)
    {
        // No calendar has a year 0.
        ["date"] = $"^{Date.Replace("[0-9]{4}", Year, StringComparison.Ordinal)}$",
        ["time"] = $"^{Clock}$",
        ["date-time"] = $"^{Date.Replace("[0-9]{4}", Year, StringComparison.Ordinal)}T{Clock}$",
        ["duration"] = "^P([0-9]{1,4}D(T([0-9]{1,4}H)?([0-9]{1,4}M)?[0-9]{1,4}S)?|T([0-9]{1,4}H([0-9]{1,4}M)?([0-9]{1,4}S)?|[0-9]{1,4}M([0-9]{1,4}S)?|[0-9]{1,4}S)|[0-9]{1,4}W)$",
        ["uuid"] = $"^{Hex}{{8}}-{Hex}{{4}}-{Hex}{{4}}-{Hex}{{4}}-{Hex}{{12}}$",
        ["email"] = $"^[A-Za-z0-9_+-]{{1,32}}(\\.[A-Za-z0-9_+-]{{1,32}})?@{Label}(\\.{Label}){{0,2}}\\.[A-Za-z]{{2,10}}$",
        ["hostname"] = $"^{Label}(\\.{Label}){{0,4}}$",
        ["ipv4"] = $"^{Byte}(\\.{Byte}){{3}}$",
        ["uri"] = $"^https?://{Label}(\\.{Label}){{0,4}}(:[1-9][0-9]{{0,3}})?(/[A-Za-z0-9._~!$&'()*+,;=:@-]*)*(\\?[A-Za-z0-9._~!$&'()*+,;=:@/?-]*)?(#[A-Za-z0-9._~!$&'()*+,;=:@/?-]*)?$",
    };

    private const string Year = "(000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})";

    private static readonly ConcurrentDictionary<string, Dfa> Built = new(StringComparer.Ordinal);

    public static IEnumerable<string> Names => Patterns.Keys;

    public static bool TryGet(string name, out Dfa? dfa)
    {
        dfa = Patterns.TryGetValue(name, out var pattern) ? Built.GetOrAdd(name, _ => Pattern.Compile(pattern)!) : null;
        return dfa is not null;
    }
}
