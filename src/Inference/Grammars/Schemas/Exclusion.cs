using System.Text.Json;

namespace AgentMesh.Inference.Grammars;

/// <summary>Tells whether no value can be written for one of two sets of schemas that obeys the other: by type, by values, or by a member that tells them apart.</summary>
internal sealed class Exclusion(SchemaTranslator translator)
{
    private const int MaxDepth = 6;
    private const int MaxChecks = 50_000;

    private int checks;

    public bool Exclude(IReadOnlyList<Clause> a, IReadOnlyList<Clause> b) => Exclude(a, b, 0);

    private bool Exclude(IReadOnlyList<Clause> a, IReadOnlyList<Clause> b, int depth)
    {
        if (depth > MaxDepth || ++checks > MaxChecks) return false;
        if (translator.Flatten(a) is not { } mine || translator.Flatten(b) is not { } its) return true;
        if (Split(mine) is { } options) return options.TrueForAll(o => Exclude(o, its, depth + 1));
        if (Split(its) is { } others) return others.TrueForAll(o => Exclude(mine, o, depth + 1));

        var common = TypesOf(mine) & TypesOf(its);
        var (values, against) = (ValueList.Of(mine), ValueList.Of(its));
        if (values is not null && against is not null) return !values.Exists(v => against.Exists(w => JsonElement.DeepEquals(v, w)));
        if (values is not null) common &= Kinds(values);
        if (against is not null) common &= Kinds(against);
        if (common == Types.None) return true;
        if (common != Types.Object) return false;

        var (left, right) = (new ObjectShape(mine), new ObjectShape(its));
        if (left.Required.Concat(right.Required).Any(name => left.Declares(name) && right.Declares(name) && Exclude(left[name], right[name], depth + 1))) return true;
        return Avoids(left, right) && Avoids(right, left);
    }

    // No object written for `a` obeys `b`.
    private static bool Avoids(ObjectShape a, ObjectShape b) =>
        b.Required.Any(name => !a.Open && !a.Declares(name)) || a.Required.Any(name => !b.Declares(name) && b.Refuses(name)) || b.Required.Any(a.Refuses);

    private static List<List<Clause>>? Split(List<Clause> clauses)
    {
        for (var i = 0; i < clauses.Count; i++)
            foreach (var (keyword, flag) in (ReadOnlySpan<(string, int)>)[("anyOf", Clause.AnyOf), ("oneOf", Clause.OneOf)])
            {
                if ((clauses[i].Options & flag) != 0 || !clauses[i].Get(keyword, out var list)) continue;
                var rest = clauses.ToList();
                rest[i] = rest[i] with { Options = rest[i].Options | flag };
                var place = clauses[i].Place(keyword);
                return [.. Keywords.List(list, place, keyword).Select((schema, n) => (List<Clause>)[.. rest, new Clause(schema, Keywords.Place(place, $"{n}"))])];
            }

        return null;
    }

    private static Types TypesOf(List<Clause> clauses) => clauses.Aggregate(Types.All, (types, c) => types & Keywords.TypesOf(c));

    private static Types Kinds(List<JsonElement> values) => values.Aggregate(Types.None, (types, v) => types | Keywords.Of(v));
}

/// <summary>The values that <c>enum</c> and <c>const</c> leave.</summary>
internal static class ValueList
{
    private const int MaxCompared = 5_000_000;

    /// <returns>Null when any value is left.</returns>
    public static List<JsonElement>? Of(IReadOnlyList<Clause> clauses)
    {
        List<JsonElement>? left = null;
        foreach (var clause in clauses)
        {
            if (clause.Get("const", out var only)) left = Both(left, [only], clause.Place("const"));
            if (clause.Get("enum", out var list)) left = Both(left, Keywords.List(list, clause.Place("enum"), "enum"), clause.Place("enum"));
        }

        return left;
    }

    private static List<JsonElement> Both(List<JsonElement>? left, IReadOnlyList<JsonElement> right, string at)
    {
        if (left is null) return [.. right];
        if ((long)left.Count * right.Count > MaxCompared) throw new GrammarException(at, "it has too many values to be compared with another list");
        return [.. left.Where(v => right.Any(w => JsonElement.DeepEquals(v, w)))];
    }
}
