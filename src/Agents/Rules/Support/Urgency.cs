using System.Text.RegularExpressions;
using AgentMesh.Agents.Rules.Text;

namespace AgentMesh.Agents.Rules.Support;

/// <summary>How much a mail presses, from its words, capitals and exclamation marks.</summary>
/// <param name="Evidence">Places in the newest text.</param>
/// <param name="Terms">What was matched, wherever it stood.</param>
internal sealed partial record Urgency(string Level, IReadOnlyList<Span> Evidence, IReadOnlyList<string> Terms)
{
    private const double CriticalFrom = 3;
    private const double HighFrom = 2;
    private const double LowFrom = 1.5;
    private const double Shouting = 1;

    public static Urgency Of(MailText mail, Lexicon lexicon)
    {
        var score = new Dictionary<string, double>(StringComparer.Ordinal) { ["critical"] = 0, ["high"] = 0, ["low"] = 0 };
        var places = new List<(string Level, Span Where)>();
        var terms = new List<string>();
        foreach (var sentence in mail.Sentences) Read(sentence.In(mail.Text), sentence.Start);
        Read(mail.PlainSubject, null);
        foreach (var sentence in mail.Sentences)
        {
            if (Deadline().Match(mail.Text, sentence.Start, sentence.End - sentence.Start) is not { Success: true } deadline) continue;
            if (places.Any(place => place.Where.Start < deadline.Index + deadline.Length && place.Where.End > deadline.Index)) continue;
            terms.Add(deadline.Value);
            score["high"] += HighFrom;
            places.Add(("high", new Span(deadline.Index, deadline.Index + deadline.Length)));
        }
        if (Shouts(mail)) score["high"] += Shouting;

        var pressing = score["critical"] + score["high"];
        var level = score["low"] >= LowFrom && score["low"] >= pressing ? "low"
            : score["critical"] >= CriticalFrom && score["low"] < CriticalFrom ? "critical"
            : pressing >= HighFrom ? "high"
            : "normal";
        var shown = places.Where(place => level == "high" ? place.Level is "high" or "critical" : place.Level == level).Select(place => place.Where).Take(3).ToList();
        return new Urgency(level, shown, terms);

        void Read(string text, int? offset)
        {
            foreach (var match in lexicon.UrgencyTerms.In(Words.Of(text)))
            {
                var group = lexicon.UrgencyLevel(match.Term);
                if (terms.Contains(match.Term)) continue;
                terms.Add(match.Term);
                score[group] = score.GetValueOrDefault(group) + match.Weight;
                if (offset is { } start) places.Add((group, new Span(start + match.Start, start + match.End)));
            }
        }
    }

    /// <summary>A time within days by which something must be done.</summary>
    [GeneratedRegex(@"\b(by|before|until|till|no later than)\s+(\d{1,2}([:.]\d{2})?\s*(am|pm|a\.m\.|p\.m\.|h|o'clock|uhr)|noon|midday|midnight|tonight|tomorrow|(this\s+|next\s+)?(mon|tues|wednes|thurs|fri)day|(the\s+)?end\s+of\s+(the\s+|this\s+)?(day|week)|eod|cob)\b", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Deadline();

    private static bool Shouts(MailText mail)
    {
        var text = $"{mail.PlainSubject} {mail.Own}";
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Where(word => word.Count(char.IsLetter) > 3).ToList();
        var capitals = words.Count(word => word.Where(char.IsLetter).All(char.IsUpper));
        return text.Contains("!!", StringComparison.Ordinal) || (capitals >= 2 && capitals * 5 >= words.Count);
    }
}
