using System.Text;

namespace AgentMesh.Inference.Redaction;

/// <summary>
/// The placeholders of one call, such as <c>⟦email-1⟧</c>: the same value has the same placeholder throughout, numbered by first appearance,
/// so a conversation that grows keeps its numbers from turn to turn. Not safe for use in parallel.
/// </summary>
public sealed class Placeholders
{
    /// <summary>No placeholder is longer: a bracket that is not closed by then opens none.</summary>
    internal const int LongestPlaceholder = 32;

    private readonly Redactor _redactor;
    private readonly bool _reversible;
    private readonly Dictionary<string, string> _placeholders = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _count = new(StringComparer.Ordinal);

    internal Placeholders(Redactor redactor, bool reversible)
    {
        _redactor = redactor;
        _reversible = reversible;
    }

    /// <summary>Whether anything was replaced so far.</summary>
    public bool Any => _values.Count > 0;

    public string Hide(string text)
    {
        var findings = _redactor.Find(text, _reversible);
        if (findings.Count == 0) return text;
        var result = new StringBuilder(text.Length);
        var at = 0;
        foreach (var finding in findings)
        {
            result.Append(text, at, finding.Start - at).Append(Placeholder(finding.Kind, text.Substring(finding.Start, finding.Length)));
            at = finding.Start + finding.Length;
        }

        return result.Append(text, at, text.Length - at).ToString();
    }

    /// <summary>Puts the values back where their placeholders stand; other text stays as it is.</summary>
    /// <param name="write">How a value is written in this place, such as escaped inside JSON; null for as it is.</param>
    public string Restore(string text, Func<string, string>? write = null)
    {
        if (!Any || !text.Contains('⟦', StringComparison.Ordinal)) return text;
        return SensitivePatterns.Placeholder.Replace(text,
            match => _values.TryGetValue(match.Value, out var value) ? write?.Invoke(value) ?? value : match.Value);
    }

    private string Placeholder(string kind, string value)
    {
        if (_placeholders.TryGetValue(value, out var known)) return known;
        var number = _count[kind] = _count.GetValueOrDefault(kind) + 1;
        var placeholder = $"⟦{kind}-{number}⟧";
        _placeholders[value] = placeholder;
        _values[placeholder] = value;
        return placeholder;
    }
}
