using System.Buffers;
using AgentMesh.Agents.Rules.Text;

namespace AgentMesh.Agents.Rules.Support;

/// <summary>Adds up what the words of a mail say for each category.</summary>
/// <param name="Scores">Label → score, labels in alphabetical order.</param>
/// <param name="Terms">Matched terms, the strongest first.</param>
internal sealed record CategoryScores(IReadOnlyList<(string Label, double Score)> Scores, IReadOnlyList<(string Label, string Term, double Weight)> Terms)
{
    private const double SubjectFactor = 1.5;
    private const double QuotedFactor = 0.35;
    private const double RequestFactor = 1.4;
    private const double AsideFactor = 0.5;

    /// <summary>Below this a newest message says too little by itself ("see below"), and the thread counts in full.</summary>
    private const double ThinScore = 2;

    /// <summary>What is assumed of every label before a word is read: one strong term alone is likely, not certain.</summary>
    private const double Prior = 0.7;

    private static readonly SearchValues<char> ClauseEnds = SearchValues.Create(",.;:!?\n—–(");

    public (string Label, double Score) Best => Scores.MaxBy(each => each.Score);

    public double Confidence => (Best.Score + Prior) / Scores.Sum(each => each.Score + Prior);

    public static CategoryScores Of(MailText mail, Lexicon lexicon)
    {
        var found = new Dictionary<(string Label, string Term), double>();
        Count(found, lexicon, mail.PlainSubject, SubjectFactor);
        foreach (var sentence in mail.Sentences) Count(found, lexicon, sentence.In(mail.Text), Factor(sentence.In(mail.Text), lexicon));
        var newest = found.Values.Sum();
        if (mail.Quoted.Length > 0) Count(found, lexicon, mail.OwnQuoted, newest < ThinScore ? 1 : QuotedFactor);
        var terms = found.Where(each => each.Value > 0).Select(each => (each.Key.Label, each.Key.Term, Weight: each.Value))
            .OrderByDescending(each => each.Weight).ThenBy(each => each.Term, StringComparer.Ordinal).ThenBy(each => each.Label, StringComparer.Ordinal).ToList();
        var scores = lexicon.Categories.Select(label => (label, terms.Where(each => each.Label == label).Sum(each => each.Weight))).ToList();
        return new CategoryScores(scores, terms);
    }

    private static void Count(Dictionary<(string Label, string Term), double> found, Lexicon lexicon, string text, double factor)
    {
        var words = Words.Of(text);
        var negated = Negated(text, lexicon, words);
        foreach (var label in lexicon.Categories)
        {
            foreach (var match in lexicon.CategoryTerms[label].In(words))
            {
                if (negated.Any(clause => match.Start >= clause.Start && match.Start < clause.End)) continue;
                // A repeat says less each time: the sum never passes twice the strongest mention.
                var sofar = found.GetValueOrDefault((label, match.Term));
                var weight = match.Weight * factor;
                found[(label, match.Term)] = Math.Max(sofar, weight) + Math.Min(sofar, weight) / 2;
            }
        }
    }

    /// <summary>What is asked for counts more than what is told; what is said in passing counts less.</summary>
    private static double Factor(string sentence, Lexicon lexicon)
    {
        var words = Words.Of(sentence);
        if (lexicon.Asides.In(words).Count > 0) return AsideFactor;
        return sentence.EndsWith('?') || lexicon.Requests.In(words).Count > 0 ? RequestFactor : 1;
    }

    /// <summary>A negator takes back what follows it up to the end of its clause.</summary>
    private static List<Span> Negated(string text, Lexicon lexicon, IReadOnlyList<Word> words)
    {
        var clauses = new List<Span>();
        foreach (var match in lexicon.Negators.In(words))
        {
            var end = text.AsSpan(match.End).IndexOfAny(ClauseEnds);
            var stop = end < 0 ? text.Length : match.End + end;
            var but = text.IndexOf(" but ", match.End, stop - match.End, StringComparison.OrdinalIgnoreCase);
            clauses.Add(new Span(match.End, but < 0 ? stop : but));
        }
        return clauses;
    }
}
