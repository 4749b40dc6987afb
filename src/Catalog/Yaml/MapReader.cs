using System.Globalization;
using AgentMesh.Orchestration;

namespace AgentMesh.Catalog.Yaml;

/// <summary>Reads the members of a mapping by name and type and reports, with its place, whatever is otherwise. Call <see cref="End"/> last.</summary>
/// <param name="what">What the mapping is, for messages: <c>a playbook</c>, <c>a step</c>.</param>
internal sealed class MapReader(YamlMap map, string what, DiagnosticBag bag)
{
    private readonly List<string> _known = [];

    public YamlMap Map => map;

    public YamlNode? Node(string key, bool required = false)
    {
        _known.Add(key);
        if (map[key] is { } node) return node;
        if (required) bag.Error(map, $"'{key}' is missing: {what} needs it.");
        return null;
    }

    public string? Text(string key, bool required = false)
    {
        if (Node(key, required) is not { } node) return null;
        if (node is YamlScalar { IsText: true } text) return text.Text;
        if (node is YamlScalar { IsNull: false } other) bag.Error(node, $"'{key}' is a text, not {node.Describe()}; put it in quotes: \"{other.Text}\".");
        else bag.Error(node, $"'{key}' is a text, not {node.Describe()}.");
        return null;
    }

    /// <summary>A text with at least one character that is no space.</summary>
    public string? Words(string key, bool required = false)
    {
        var text = Text(key, required);
        if (text is null || !string.IsNullOrWhiteSpace(text)) return text;
        bag.Error(map[key]!, $"'{key}' is empty; say something.");
        return null;
    }

    /// <summary>A lower-case letter, then letters, digits and dashes.</summary>
    public string? Name(string key, bool required = false)
    {
        if (Text(key, required) is not { } name) return null;
        if (IsName(name)) return name;
        bag.Error(map[key]!, $"'{name}' is no name for {what}: use a lower-case letter, then lower-case letters, digits and '-', 64 at most.");
        return null;
    }

    public static bool IsName(string name) =>
        name.Length is > 0 and <= 64 && char.IsAsciiLetterLower(name[0]) && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    /// <summary>A list of texts, each once; null when the key is not there.</summary>
    public IReadOnlyList<YamlScalar>? Texts(string key, bool required = false)
    {
        if (Node(key, required) is not { } node) return null;
        if (node is not YamlList list)
        {
            bag.Error(node, node is YamlScalar { IsText: true } one ? $"'{key}' is a list; write [{one.Text}]." : $"'{key}' is a list, not {node.Describe()}.");
            return [];
        }

        List<YamlScalar> texts = [];
        foreach (var item in list.Items)
        {
            if (item is not YamlScalar { IsText: true, Text.Length: > 0 } text) bag.Error(item, $"'{key}' holds texts, not {item.Describe()}.");
            else if (texts.Exists(t => t.Text == text.Text)) bag.Error(item, $"'{text.Text}' is there twice in '{key}'; keep one.");
            else texts.Add(text);
        }

        return texts;
    }

    public IReadOnlyList<YamlNode> List(string key, bool required = false)
    {
        if (Node(key, required) is not { } node) return [];
        if (node is YamlList { Items.Count: > 0 } list) return list.Items;
        bag.Error(node, node is YamlList ? $"'{key}' is empty; {what} needs at least one." : $"'{key}' is a list, not {node.Describe()}.");
        return [];
    }

    public bool? Truth(string key)
    {
        if (Node(key) is not { } node) return null;
        if (node is YamlScalar { IsTruth: true } truth) return truth.Text == "true";
        bag.Error(node, $"'{key}' is true or false, not {node.Describe()}.");
        return null;
    }

    public int? Integer(string key, int least, int most)
    {
        if (Node(key) is not { } node) return null;
        if (node is YamlScalar { IsNumber: true } number && int.TryParse(number.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            && value >= least && value <= most) return value;
        bag.Error(node, $"'{key}' is a whole number from {least} to {most}, not {node.Describe()}.");
        return null;
    }

    public double? Number(string key, double least, double most)
    {
        if (Node(key) is not { } node) return null;
        if (node is YamlScalar { IsNumber: true } number && double.TryParse(number.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && value >= least && value <= most) return value;
        bag.Error(node, $"'{key}' is a number from {least.ToString(CultureInfo.InvariantCulture)} to {most.ToString(CultureInfo.InvariantCulture)}, not {node.Describe()}.");
        return null;
    }

    /// <summary>One of a few words.</summary>
    public string? Choice(string key, params IReadOnlyList<string> choices)
    {
        if (Node(key) is not { } node) return null;
        if (node is YamlScalar { IsText: true } text)
        {
            if (choices.Contains(text.Text, StringComparer.Ordinal)) return text.Text;
            bag.Error(node, $"'{key}' is one of {string.Join(", ", choices)}, not '{text.Text}'{Spelling.Hint(text.Text, choices)}");
        }
        else
        {
            bag.Error(node, $"'{key}' is one of {string.Join(", ", choices)}, not {node.Describe()}.");
        }

        return null;
    }

    /// <summary><c>500ms</c>, <c>30s</c>, <c>5m</c>, <c>2h</c> or <c>1d</c>; at most 30 days.</summary>
    public TimeSpan? Duration(string key, bool zero = false)
    {
        if (Node(key) is not { } node) return null;
        if (node is YamlScalar { IsText: true } text && Durations.TryParse(text.Text, out var duration))
        {
            if (duration > TimeSpan.Zero || zero) return duration;
        }

        bag.Error(node, $"'{key}' is a time such as 500ms, 30s, 5m, 2h or 1d{(zero ? "" : ", above zero")}, not {node.Describe()}.");
        return null;
    }

    public MapReader? Nested(string key, string nestedWhat)
    {
        if (Node(key) is not { } node) return null;
        if (node is YamlMap nested) return new MapReader(nested, nestedWhat, bag);
        bag.Error(node, $"'{key}' is a mapping, not {node.Describe()}.");
        return null;
    }

    /// <summary>Reports keys that nobody asked for.</summary>
    public void End()
    {
        foreach (var (key, _) in map.Entries.Where(e => !_known.Contains(e.Key.Text, StringComparer.Ordinal)))
            bag.Error(key, Spelling.Closest(key.Text, _known) is { } close
                ? $"{Capital(what)} has no '{key.Text}'; did you mean '{close}'?"
                : $"{Capital(what)} has no '{key.Text}'; it takes {string.Join(", ", _known)}.");
    }

    private static string Capital(string text) => $"{char.ToUpperInvariant(text[0])}{text[1..]}";
}
