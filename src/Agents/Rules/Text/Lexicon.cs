using System.Text.Json;

namespace AgentMesh.Agents.Rules.Text;

/// <summary>
/// The words that the rules know, from <c>Rules/Data/lexicon.json</c>. A host may lay its own file over it: its terms are added, and replace built-in
/// ones of the same spelling.
/// </summary>
public sealed class Lexicon
{
    private readonly SortedDictionary<string, Dictionary<string, double>> categories;
    private readonly SortedDictionary<string, Dictionary<string, double>> urgency;
    private readonly Dictionary<string, string> levels;
    private readonly SortedDictionary<string, List<string>> marks;

    private Lexicon(
        SortedDictionary<string, Dictionary<string, double>> categories, SortedDictionary<string, Dictionary<string, double>> urgency,
        SortedDictionary<string, List<string>> marks)
    {
        (this.categories, this.urgency, this.marks) = (categories, urgency, marks);
        CategoryTerms = categories.ToDictionary(each => each.Key, each => Terms(each.Value), StringComparer.Ordinal);
        levels = urgency.SelectMany(each => each.Value.Keys.Select(term => (term, each.Key))).DistinctBy(each => each.term).ToDictionary(each => each.term, each => each.Key, StringComparer.Ordinal);
        UrgencyTerms = Terms(urgency.Values.SelectMany(terms => terms).DistinctBy(term => term.Key));
        (Negators, Asides, Requests, Instructions) = (Marks("negators"), Marks("asides"), Marks("requests"), Marks("instructions"));
    }

    /// <summary>The built-in lexicon.</summary>
    public static Lexicon Default { get; } = LoadDefault();

    internal IReadOnlyDictionary<string, TermList> CategoryTerms { get; }

    /// <summary>All levels in one list, so that "not urgent" is never also "urgent".</summary>
    internal TermList UrgencyTerms { get; }
    internal TermList Negators { get; }
    internal TermList Asides { get; }
    internal TermList Requests { get; }
    private TermList Instructions { get; }

    internal string UrgencyLevel(string term) => levels[term];

    /// <summary>Category labels, in alphabetical order.</summary>
    public IReadOnlyList<string> Categories => [.. categories.Keys];

    /// <summary>Whether the sentence tries to steer whoever processes the text.</summary>
    internal bool IsInstruction(string sentence) => Instructions.In(Words.Of(sentence)).Count > 0;

    /// <summary>This lexicon with the terms of a file laid over it.</summary>
    /// <exception cref="JsonException">The file has another shape; the message names the place.</exception>
    public Lexicon With(string json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        var root = document.RootElement;
        foreach (var property in root.EnumerateObject())
            if (property.Name is not ("categories" or "urgency") && !MarkNames.Contains(property.Name))
                throw new JsonException($"A lexicon has categories, urgency, {string.Join(", ", MarkNames)}, not '{property.Name}'.");
        var merged = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var name in MarkNames) merged[name] = [.. (marks.GetValueOrDefault(name) ?? []).Union(root.Texts(name), StringComparer.Ordinal)];
        return new Lexicon(Merge(categories, root, "categories"), Merge(urgency, root, "urgency"), merged);
    }

    private static IReadOnlyList<string> MarkNames => ["negators", "asides", "requests", "instructions"];

    private TermList Marks(string name) => new((marks.GetValueOrDefault(name) ?? []).Select(text => (text, 1.0)));

    private static SortedDictionary<string, Dictionary<string, double>> Merge(SortedDictionary<string, Dictionary<string, double>> known, JsonElement root, string name)
    {
        var merged = new SortedDictionary<string, Dictionary<string, double>>(StringComparer.Ordinal);
        foreach (var (label, terms) in known) merged[label] = new Dictionary<string, double>(terms, StringComparer.Ordinal);
        if (root.Property(name) is not { } groups) return merged;
        foreach (var group in groups.EnumerateObject())
        {
            if (!merged.TryGetValue(group.Name, out var terms)) merged[group.Name] = terms = new Dictionary<string, double>(StringComparer.Ordinal);
            foreach (var term in group.Value.EnumerateObject())
                terms[term.Name] = term.Value.ValueKind == JsonValueKind.Number ? term.Value.GetDouble()
                    : throw new JsonException($"The weight of '{term.Name}' in {name}.{group.Name} must be a number.");
        }
        return merged;
    }

    private static TermList Terms(IEnumerable<KeyValuePair<string, double>> weights) =>
        new(weights.OrderBy(term => term.Key, StringComparer.Ordinal).Select(term => (term.Key, term.Value)));

    private static Lexicon LoadDefault()
    {
        using var stream = typeof(Lexicon).Assembly.GetManifestResourceStream("lexicon.json")
            ?? throw new InvalidOperationException("The assembly lacks lexicon.json; build it again.");
        using var reader = new StreamReader(stream);
        return new Lexicon(new(StringComparer.Ordinal), new(StringComparer.Ordinal), new(StringComparer.Ordinal)).With(reader.ReadToEnd());
    }
}
