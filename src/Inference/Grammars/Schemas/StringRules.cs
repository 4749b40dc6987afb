using System.Text.Json;

namespace AgentMesh.Inference.Grammars;

/// <summary>What a set of schemas says together about a string.</summary>
internal static class StringRules
{
    /// <summary>The patterns and formats, and the bounds of the length.</summary>
    /// <exception cref="GrammarException">One is not understood.</exception>
    public static List<Dfa?> Of(IReadOnlyList<Clause> clauses, out int min, out int max)
    {
        (min, max) = (0, int.MaxValue);
        var rules = new List<Dfa?>();
        foreach (var clause in clauses)
        {
            if (clause.Get("minLength", out var least)) min = Math.Max(min, Keywords.Count(least, clause.Place("minLength"), "minLength"));
            if (clause.Get("maxLength", out var most)) max = Math.Min(max, Keywords.Count(most, clause.Place("maxLength"), "maxLength"));
            if (clause.Get("pattern", out var pattern)) rules.Add(Compiled(Keywords.Name(pattern, clause.Place("pattern"), "pattern"), clause.Place("pattern")));
            if (clause.Get("format", out var format) && Format(format, clause) is { } known) rules.Add(known);
        }

        return rules;
    }

    /// <returns>What obeys all; null when nothing does.</returns>
    /// <exception cref="GrammarException">Together they need too large an automaton.</exception>
    public static Dfa? Join(IReadOnlyList<Dfa?> rules, int min, int max, string at)
    {
        try
        {
            var all = rules.Aggregate((a, b) => a is null || b is null ? null : Dfa.Both(a, b));
            if (all is null || (min == 0 && max == int.MaxValue)) return all;
            return JsonText.Counted(min, max) is { } counted ? Dfa.Both(all, counted) : null;
        }
        catch (AutomatonSizeException)
        {
            throw new GrammarException(at, "its patterns and lengths together need too large an automaton; leave 'maxLength' to the pattern");
        }
    }

    /// <summary>The names that <c>propertyNames</c> allows, with their closing quote.</summary>
    public static Dfa Names(IReadOnlyList<Clause> clauses)
    {
        foreach (var clause in clauses)
        {
            Keywords.Check(clause);
            if (clause.Schema.ValueKind != JsonValueKind.Object) throw new GrammarException(clause.At, "'propertyNames' must be an object");
            foreach (var keyword in clause.Schema.EnumerateObject())
                if (keyword.Name is not ("pattern" or "minLength" or "maxLength" or "format" or "type" or "description" or "title")) throw new GrammarException(clause.Place(keyword.Name), $"'{keyword.Name}' cannot be enforced for names");
        }

        var rules = Of(clauses, out var min, out var max);
        if (rules.Count == 0) rules.Add(JsonText.Dfa);
        return Join(rules, min, max, clauses[0].At) ?? throw new GrammarException(clauses[0].At, "it allows no name");
    }

    // Formats of numbers that OpenAPI writes are kept by NumberRules.
    private static Dfa? Format(JsonElement format, Clause clause)
    {
        var name = Keywords.Name(format, clause.Place("format"), "format");
        if (Formats.TryGet(name, out var dfa)) return dfa;
        return NumberRules.IsFormat(name) ? null : throw new GrammarException(clause.Place("format"), $"the format '{name}' cannot be enforced; known are {string.Join(", ", Formats.Names)}");
    }

    private static Dfa? Compiled(string pattern, string at)
    {
        try
        {
            return Pattern.Compile(pattern);
        }
        catch (FormatException error)
        {
            throw new GrammarException(at, $"the pattern '{(pattern.Length > 60 ? pattern[..60] + "…" : pattern)}' cannot be enforced: {error.Message}");
        }
        catch (AutomatonSizeException)
        {
            throw new GrammarException(at, "the pattern needs too large an automaton");
        }
    }
}
