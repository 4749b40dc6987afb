using AgentMesh.Contracts;

namespace AgentMesh.Agents;

/// <summary>Picks the tools and roles whose descriptions share most with a goal's text, rare words counting more.</summary>
internal static class LexicalRanking
{
    private const int MaxCharacters = 4_000;

    public static IReadOnlyList<T> Top<T>(IEnumerable<T> items, Func<T, string> describe, Func<T, string> name, string query, int count)
    {
        var documents = items.OrderBy(name, StringComparer.Ordinal).Select(i => (Item: i, Words: Words(describe(i)))).ToList();
        if (documents.Count <= count) return [.. documents.Select(d => d.Item)];
        var asked = Words(query);
        var weights = asked.ToDictionary(w => w, w => Math.Log(1 + (documents.Count / (1.0 + documents.Count(d => d.Words.Contains(w))))), StringComparer.Ordinal);
        return [.. documents
            .OrderByDescending(d => asked.Where(d.Words.Contains).Sum(w => weights[w]) / Math.Sqrt(1 + d.Words.Count))
            .Take(count).Select(d => d.Item)];
    }

    public static string Describe(ToolDescriptor tool) => $"{tool.Name} {tool.Description}";

    public static string Describe(RoleDescriptor role) =>
        string.Join(' ', [role.Name, role.Purpose, .. role.Tools, .. role.Capabilities.SelectMany(c => (string[])[c.Name, c.Produces, c.Instruction, .. c.Consumes])]);

    private static HashSet<string> Words(string text)
    {
        HashSet<string> words = new(StringComparer.Ordinal);
        var limit = Math.Min(text.Length, MaxCharacters);
        for (int at = 0, start = 0; at <= limit; at++)
        {
            if (at < limit && char.IsLetterOrDigit(text[at])) continue;
            if (at - start > 2) words.Add(Stem(text[start..at].ToLowerInvariant()));
            start = at + 1;
        }

        return words;
    }

    private static string Stem(string word) => word.Length > 4 && word[^1] == 's' && word[^2] != 's' ? word[..^1] : word;
}
