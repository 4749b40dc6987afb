namespace AgentMesh.Agents.Rules.Finance;

/// <summary>All figures that the tables gave, by segment (empty for the whole company), concept and quarter.</summary>
internal sealed class Ledger
{
    private readonly Dictionary<(string Segment, string Concept), SortedDictionary<Period, Figure>> series = [];
    private readonly List<string> segments = [];
    private readonly List<string> warnings = [];
    private readonly List<(Period? Period, string Text, string Source)> notes = [];

    /// <summary>What could not be read, was replaced or disagrees, each with its cell.</summary>
    public IReadOnlyList<string> Warnings => warnings;

    /// <summary>In the order in which they were first seen.</summary>
    public IReadOnlyList<string> Segments => segments;
    public IReadOnlyList<(Period? Period, string Text, string Source)> Notes => notes;
    public string? Currency { get; set; }

    public Figure? this[string concept, Period period, string segment = ""] =>
        series.TryGetValue((segment, concept), out var figures) ? figures.GetValueOrDefault(period) : null;

    public bool Has(string concept) => series.ContainsKey(("", concept));

    /// <summary>The newest quarter with a revenue.</summary>
    public Period? Latest => series.TryGetValue(("", "revenue"), out var figures) && figures.Count > 0 ? figures.Keys.Last() : null;

    public void Warn(string warning)
    {
        if (!warnings.Contains(warning)) warnings.Add(warning);
    }

    public void Note(Period? period, string text, string source) => notes.Add((period, text, source));

    /// <summary>The later of two rows for one quarter wins, and a difference is told. A figure from another table is kept only where there is none yet.</summary>
    public void Add(string segment, string concept, Period period, Figure figure, string table, bool restated)
    {
        if (!series.TryGetValue((segment, concept), out var figures))
        {
            series[(segment, concept)] = figures = [];
            if (segment.Length > 0 && !segments.Contains(segment)) segments.Add(segment);
        }
        if (!figures.TryGetValue(period, out var earlier))
        {
            figures[period] = figure;
            return;
        }
        var name = segment.Length == 0 ? $"{concept} of {period}" : $"{concept} of {segment} in {period}";
        if (!earlier.Source.StartsWith(table, StringComparison.Ordinal))
        {
            if (!Same(earlier, figure)) Warn($"{name} is {earlier.Text} at {earlier.Source} but {figure.Text} at {figure.Source}; the first is used.");
            return;
        }
        if (earlier.Value != figure.Value)
            Warn($"{name} stands twice: {earlier.Text} at {earlier.Source} and {figure.Text} at {figure.Source}; the {(restated ? "restated" : "later")} one is used.");
        figures[period] = figure;
    }

    private static bool Same(Figure a, Figure b)
    {
        if (a.Scale is { } left && b.Scale is { } right) return a.Value * left == b.Value * right;
        return a.Value == b.Value;
    }
}
