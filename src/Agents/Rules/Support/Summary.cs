using AgentMesh.Agents.Rules.Text;

namespace AgentMesh.Agents.Rules.Support;

/// <summary>The one or two of the sender's own sentences that say most about the matter, word for word.</summary>
internal static class Summary
{
    private const int MaxLength = 320;

    public static string Of(MailText mail, CategoryScores scores, Lexicon lexicon)
    {
        var source = mail.Own.Length >= 20 || mail.Quoted.Length == 0 ? mail.Text : mail.Quoted;
        var sentences = ReferenceEquals(source, mail.Text) ? mail.Sentences : Sentences.Of(mail.Quoted).Where(span => !lexicon.IsInstruction(span.In(mail.Quoted))).ToList();
        var terms = lexicon.CategoryTerms[scores.Best.Label];
        var subject = Words.Of(mail.PlainSubject).Select(word => word.Stem).ToHashSet(StringComparer.Ordinal);
        var ranked = sentences
            .Select((span, index) => (span, index, score: Score(span.In(source), terms, subject, index)))
            .Where(each => Words.Of(each.span.In(source)).Count >= 3)
            .OrderByDescending(each => each.score).ThenBy(each => each.index).Take(2).OrderBy(each => each.index)
            .Select(each => Clean(each.span.In(source))).ToList();
        if (ranked.Count == 0) return mail.PlainSubject.Length > 0 ? mail.PlainSubject : "The message has no text of its own.";
        if (ranked.Count == 2 && ranked[0].Length + ranked[1].Length > MaxLength) ranked.RemoveAt(1);
        var summary = string.Join(' ', ranked);
        return summary.Length <= MaxLength ? summary : string.Concat(summary.AsSpan(0, MaxLength - 1).TrimEnd(), "…");
    }

    private static double Score(string sentence, TermList terms, HashSet<string> subject, int index)
    {
        var words = Words.Of(sentence);
        var matched = terms.In(words).Sum(match => match.Weight);
        var shared = words.Select(word => word.Stem).Distinct(StringComparer.Ordinal).Count(subject.Contains);
        return matched + 0.5 * shared + 1.0 / (1 + index) - (words.Count > 45 ? 1 : 0);
    }

    private static string Clean(string sentence) => string.Join(' ', sentence.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
