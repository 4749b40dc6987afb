namespace AgentMesh.Agents.Loop;

/// <summary>Finds what was probably meant by a name that does not exist.</summary>
public static class Suggestion
{
    /// <returns>The nearest name, or null when none is near.</returns>
    public static string? Nearest(string wrong, IEnumerable<string> names)
    {
        string? best = null;
        var bestDistance = int.MaxValue;
        foreach (var name in names.Order(StringComparer.Ordinal))
        {
            var distance = Distance(Plain(wrong), Plain(name));
            if (distance < bestDistance) (best, bestDistance) = (name, distance);
        }
        return best is not null && bestDistance <= Math.Max(2, Plain(best).Length / 3) ? best : null;
    }

    /// <summary>Separators and case are what models get wrong most often.</summary>
    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    private static int Distance(string a, string b)
    {
        var previous = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var current = new int[b.Length + 1];
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
                current[j] = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
            previous = current;
        }
        return previous[b.Length];
    }
}
