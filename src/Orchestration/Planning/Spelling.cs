namespace AgentMesh.Orchestration;

/// <summary>Finds the name that was probably meant.</summary>
public static class Spelling
{
    /// <returns>The candidate with the smallest edit distance, if that is small for its length; else null.</returns>
    public static string? Closest(string name, IEnumerable<string> candidates)
    {
        string? best = null;
        var bound = Math.Max(1, Math.Min(3, name.Length / 3));
        foreach (var candidate in candidates.Order(StringComparer.Ordinal))
        {
            var distance = Distance(name, candidate, bound);
            if (distance > bound) continue;
            best = candidate;
            bound = distance - 1;
        }

        return best;
    }

    /// <returns><c>; did you mean 'x'?</c>, or a full stop when nothing is close.</returns>
    public static string Hint(string name, IEnumerable<string> candidates) => Closest(name, candidates) is { } close ? $"; did you mean '{close}'?" : ".";

    // Restricted Damerau-Levenshtein: a swap of neighbours is one slip, not two.
    private static int Distance(string a, string b, int bound)
    {
        if (Math.Abs(a.Length - b.Length) > bound || a.Length > 64 || b.Length > 64) return int.MaxValue;
        var table = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) table[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) table[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var same = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]);
                var least = Math.Min(Math.Min(table[i - 1, j], table[i, j - 1]) + 1, table[i - 1, j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) least = Math.Min(least, table[i - 2, j - 2] + 1);
                table[i, j] = least;
            }
        }

        return table[a.Length, b.Length];
    }
}
