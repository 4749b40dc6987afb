using System.Text.Json;
using System.Text.RegularExpressions;

namespace AgentMesh.Agents.Rules.Finance;

/// <summary>What finance tables call things, from <c>Rules/Data/finance.json</c>.</summary>
internal sealed partial class FinanceTerms
{
    private readonly Dictionary<string, string> conceptOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, decimal> scales = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> currencies = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<string> restated;

    private FinanceTerms(JsonElement root)
    {
        foreach (var concept in root.GetProperty("concepts").EnumerateObject())
            foreach (var name in concept.Value.EnumerateArray()) conceptOf[name.GetString()!] = concept.Name;
        foreach (var scale in root.GetProperty("scales").EnumerateObject()) scales[scale.Name] = scale.Value.GetDecimal();
        foreach (var currency in root.GetProperty("currencies").EnumerateObject()) currencies[currency.Name] = currency.Value.GetString()!;
        restated = root.Texts("restated");
    }

    public static FinanceTerms Default { get; } = Load();

    /// <returns>The concept that a header or row label names; null for any other.</returns>
    public string? Concept(string? label) => label is null ? null : conceptOf.GetValueOrDefault(Normal(Parentheses().Replace(label, " ")));

    /// <returns>What one unit stands for, where the text says so: "(thousand USD)", "in millions".</returns>
    public decimal? Scale(string text)
    {
        foreach (var word in Normal(text).Split(' '))
            if (scales.TryGetValue(word, out var scale)) return scale;
        return null;
    }

    public string? Currency(string text)
    {
        foreach (var word in Normal(text).Split(' '))
            if (currencies.TryGetValue(word, out var currency)) return currency;
        return null;
    }

    public bool Restated(IEnumerable<string?> row) =>
        row.OfType<string>().Any(cell => restated.Any(word => cell.Contains(word, StringComparison.OrdinalIgnoreCase)));

    private static string Normal(string text) => Separators().Replace(text.ToLowerInvariant(), " ").Trim();

    private static FinanceTerms Load()
    {
        using var stream = typeof(FinanceTerms).Assembly.GetManifestResourceStream("finance.json")
            ?? throw new InvalidOperationException("The assembly lacks finance.json; build it again.");
        using var document = JsonDocument.Parse(stream, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip });
        return new FinanceTerms(document.RootElement);
    }

    [GeneratedRegex(@"\(.*?\)|\[.*?\]", RegexOptions.NonBacktracking)]
    private static partial Regex Parentheses();

    [GeneratedRegex(@"[^\p{L}\p{N}]+", RegexOptions.NonBacktracking)]
    private static partial Regex Separators();
}
