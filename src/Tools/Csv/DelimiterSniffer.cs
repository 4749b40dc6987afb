namespace AgentMesh.Tools.Csv;

/// <summary>Finds the delimiter that cuts the first records into the same number of cells most often.</summary>
internal static class DelimiterSniffer
{
    private const int Records = 20;
    private const int MaxCharacters = 65_536;
    private static readonly char[] Candidates = [',', ';', '\t', '|'];

    /// <summary>A comma when nothing speaks for another.</summary>
    public static char Find(string text)
    {
        var best = (Delimiter: ',', Score: 0.0);
        foreach (var candidate in Candidates)
        {
            var widths = Widths(text, candidate);
            if (widths.Count == 0 || widths[0] < 2) continue;
            // Agreement with the header decides; among equals the one that cuts more.
            var score = (double)widths.Count(width => width == widths[0]) / widths.Count + widths[0] / 10_000.0;
            if (score > best.Score) best = (candidate, score);
        }

        return best.Delimiter;
    }

    private static List<int> Widths(string text, char delimiter)
    {
        var widths = new List<int>();
        var width = 1;
        var quoted = false;
        var blank = true;
        var length = Math.Min(text.Length, MaxCharacters);
        for (var i = 0; i < length && widths.Count < Records; i++)
        {
            var c = text[i];
            if (c == '"') quoted = !quoted;
            else if (c == delimiter && !quoted) width++;
            if (c == '\n' && !quoted)
            {
                if (!blank) widths.Add(width);
                width = 1;
                blank = true;
            }
            else if (!char.IsWhiteSpace(c))
            {
                blank = false;
            }
        }

        if (!blank && widths.Count < Records && length == text.Length) widths.Add(width);
        return widths;
    }
}
