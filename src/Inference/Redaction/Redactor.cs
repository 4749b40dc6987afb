namespace AgentMesh.Inference.Redaction;

/// <summary>Replaces secrets and personal data by placeholders. Immutable; one instance serves the whole process.</summary>
/// <param name="emails">Whether e-mail addresses count.</param>
/// <param name="secrets">Values known to be secret whatever they look like, such as the configured key.</param>
public sealed class Redactor(bool emails, params IReadOnlyCollection<string> secrets)
{
    /// <summary>Shorter values would be found inside ordinary words.</summary>
    private const int ShortestSecret = 6;

    private readonly string[] _secrets = [.. secrets.Where(s => s.Length >= ShortestSecret).OrderByDescending(s => s.Length)];

    /// <summary>For logs and error messages: what was replaced is gone.</summary>
    public string ForLog(string text) => new Placeholders(this, reversible: false).Hide(text);

    /// <summary>For one call: what was replaced comes back with <see cref="Placeholders.Restore"/>.</summary>
    public Placeholders Begin() => new(this, reversible: true);

    /// <summary>Non-overlapping, in order; of two that overlap the earlier, then the longer, wins.</summary>
    internal IReadOnlyList<Finding> Find(string text, bool placeholders)
    {
        var found = new List<Finding>();
        foreach (var secret in _secrets)
            for (var at = text.IndexOf(secret, StringComparison.Ordinal); at >= 0; at = text.IndexOf(secret, at + secret.Length, StringComparison.Ordinal))
                found.Add(new Finding("key", at, secret.Length));
        foreach (var (kind, pattern) in SensitivePatterns.Secrets)
            for (var match = pattern.Match(text); match.Success; match = match.NextMatch())
                found.Add(match.Groups["v"] is { Success: true } value ? new Finding(kind, value.Index, value.Length) : new Finding(kind, match.Index, match.Length));
        foreach (var (start, length) in CardNumbers.Find(text))
            found.Add(new Finding("card", start, length));
        if (emails)
            for (var match = SensitivePatterns.Email.Match(text); match.Success; match = match.NextMatch())
                found.Add(new Finding("email", match.Index, match.Length));
        if (placeholders)
            for (var match = SensitivePatterns.Placeholder.Match(text); match.Success; match = match.NextMatch())
                found.Add(new Finding("literal", match.Index, match.Length));
        if (found.Count < 2) return found;

        found.Sort((a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : b.Length.CompareTo(a.Length));
        var kept = new List<Finding>(found.Count);
        var end = 0;
        foreach (var finding in found)
        {
            if (finding.Start >= end)
            {
                kept.Add(finding);
                end = finding.Start + finding.Length;
            }
            else if (finding.Start + finding.Length > end)
            {
                // What sticks out of an overlap is hidden too: half a secret is one to guess.
                kept.Add(finding with { Start = end, Length = finding.Start + finding.Length - end });
                end = finding.Start + finding.Length;
            }
        }

        return kept;
    }

    internal readonly record struct Finding(string Kind, int Start, int Length);
}
