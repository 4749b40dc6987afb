using System.Text.Json;

namespace AgentMesh.Inference.Grammars;

/// <summary>
/// Translates a schema into nodes. The unit of work is a set of schemas that a value must obey at once: <c>allOf</c> and <c>$ref</c> enlarge the set, <c>anyOf</c> and
/// <c>oneOf</c> make one set for each option, and equal sets are one node, which is how recursion closes.
/// </summary>
internal sealed class SchemaTranslator(JsonElement document)
{
    private const int MaxUnits = 20_000;
    private const int MaxClauses = 200_000;
    private const int MaxPairs = 20_000;

    private readonly Dictionary<string, Reference> units = new(StringComparer.Ordinal);
    private readonly Queue<(Reference Unit, List<Clause> Clauses)> pending = new();
    private readonly Dictionary<NumberRange, Node> numbers = [];
    private int clauses;
    private int pairs;

    /// <summary>Whether any object lets the model choose names.</summary>
    public bool FreeKeys { get; set; }

    public Grammar Translate()
    {
        var root = Unit([new(document, "")]);
        // Breadth first and not by recursion: a schema may lead as deep as it is long.
        while (pending.TryDequeue(out var next)) next.Unit.Body = Body(next.Clauses);
        return new(root, FreeKeys);
    }

    /// <summary>The values that obey all clauses.</summary>
    /// <exception cref="GrammarException">The schema makes too many combinations.</exception>
    public Node Unit(IReadOnlyList<Clause> parts)
    {
        var flat = Flatten(parts);
        if (flat is null) return new Choice([]);
        if (flat.Count == 0)
        {
            FreeKeys = true;
            return JsonNodes.Value;
        }

        var key = string.Join('\n', flat.Select(c => c.Key));
        if (units.TryGetValue(key, out var unit)) return unit;
        if (units.Count >= MaxUnits) throw new GrammarException(flat[0].At, "its combinations are too many to be enforced");
        units.Add(key, unit = new());
        pending.Enqueue((unit, flat));
        return unit;
    }

    /// <summary>The clauses with what they refer to and consist of; null when no value obeys.</summary>
    public List<Clause>? Flatten(IReadOnlyList<Clause> parts)
    {
        var flat = new List<Clause>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<(Clause Clause, bool Left)>(parts.Reverse().Select(p => (p, false)));
        var within = new HashSet<string>(StringComparer.Ordinal);
        while (open.TryPop(out var next))
        {
            var clause = next.Clause;
            if (next.Left)
            {
                within.Remove(clause.Key);
                continue;
            }

            if (++clauses > MaxClauses) throw new GrammarException(clause.At, "its combinations are too many to be enforced");
            Keywords.Check(clause);
            if (clause.Schema.ValueKind == JsonValueKind.False) return null;
            if (clause.Schema.ValueKind == JsonValueKind.True) continue;
            if (within.Contains(clause.Key)) throw new GrammarException(clause.At, "it refers to itself without end");
            if (!seen.Add(clause.Key)) continue;
            within.Add(clause.Key);
            open.Push((clause, true));
            if (clause.Get("allOf", out var all))
            {
                var place = clause.Place("allOf");
                var list = Keywords.List(all, place, "allOf");
                for (var i = list.Count - 1; i >= 0; i--) open.Push((new(list[i], Keywords.Place(place, $"{i}")), false));
            }

            if (clause.Get("$ref", out var reference)) open.Push((Resolve(Keywords.Name(reference, clause.Place("$ref"), "$ref"), clause.Place("$ref")), false));
            if (Asserts(clause)) flat.Add(clause);
        }

        return flat;
    }

    private static bool Asserts(Clause clause) =>
        clause.Schema.EnumerateObject().Any(k => k.Name is not ("$ref" or "allOf" or "$defs" or "definitions" or "description" or "title" or "default" or "$schema" or "$id" or "examples"));

    private Node Body(List<Clause> flat)
    {
        for (var i = 0; i < flat.Count; i++)
        {
            var clause = flat[i];
            foreach (var (keyword, flag) in (ReadOnlySpan<(string, int)>)[("anyOf", Clause.AnyOf), ("oneOf", Clause.OneOf)])
            {
                if ((clause.Options & flag) != 0 || !clause.Get(keyword, out var list)) continue;
                var place = clause.Place(keyword);
                var rest = flat.ToList();
                rest[i] = clause with { Options = clause.Options | flag };
                var options = Keywords.List(list, place, keyword).Select((schema, n) => new Clause(schema, Keywords.Place(place, $"{n}"))).ToList();
                if (flag == Clause.OneOf) Exclude(options, rest);
                return new Choice([.. options.Select(o => Unit([.. rest, o]))]);
            }
        }

        return new LeafTranslator(this, flat).Translate();
    }

    // What obeys one option must obey no other: anything less would let through what fits two.
    private void Exclude(List<Clause> options, List<Clause> rest)
    {
        var check = new Exclusion(this);
        for (var i = 0; i < options.Count; i++)
            for (var j = i + 1; j < options.Count; j++)
            {
                if (++pairs > MaxPairs) throw new GrammarException(options[i].At, "'oneOf' has too many options; use 'anyOf'");
                if (!check.Exclude([.. rest, options[i]], [.. rest, options[j]]))
                    throw new GrammarException(options[j].At, $"a value may fit this option of 'oneOf' and option {i} too; use 'anyOf', or give each a required property with a 'const' of its own");
            }
    }

    public Node Number(NumberRange range, string at)
    {
        if (numbers.TryGetValue(range, out var node)) return node;
        try
        {
            return numbers[range] = Numbers.Build(range) is { } dfa ? new Machine(dfa) : new Choice([]);
        }
        catch (AutomatonSizeException)
        {
            throw new GrammarException(at, "'multipleOf' is too large to be enforced");
        }
    }

    private Clause Resolve(string reference, string at)
    {
        if (!reference.StartsWith('#')) throw new GrammarException(at, $"only references within the schema are followed, not '{reference}'");
        var pointer = Uri.UnescapeDataString(reference[1..]);
        if (pointer.Length > 0 && pointer[0] != '/') throw new GrammarException(at, $"only references by a JSON pointer are followed, not '{reference}'");
        var target = document;
        foreach (var part in pointer.Split('/').Skip(1).Select(p => p.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)))
        {
            if (target.ValueKind == JsonValueKind.Object && target.TryGetProperty(part, out var member)) target = member;
            else if (target.ValueKind == JsonValueKind.Array && int.TryParse(part, out var index) && index >= 0 && index < target.GetArrayLength()) target = target[index];
            else throw new GrammarException(at, $"'{reference}' points nowhere");
        }

        return new(target, pointer);
    }
}
