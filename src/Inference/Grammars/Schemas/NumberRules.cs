using System.Numerics;
using System.Text.Json;

namespace AgentMesh.Inference.Grammars;

/// <summary>What a set of schemas says together about a number.</summary>
internal static class NumberRules
{
    public static bool IsFormat(string name) => name is "int32" or "int64" or "float" or "double";

    /// <returns>Null when no number obeys.</returns>
    /// <exception cref="GrammarException">A bound is not a number, or cannot be kept.</exception>
    public static NumberRange? Of(IReadOnlyList<Clause> clauses, bool whole)
    {
        Decimals? low = null, high = null;
        var (above, below) = (false, false);
        var (step, places) = (1, int.MaxValue);

        void Low(Decimals bound, bool exclusive)
        {
            var order = low is { } now ? bound.CompareTo(now) : 1;
            if (order > 0) (low, above) = (bound, exclusive);
            else if (order == 0) above |= exclusive;
        }

        void High(Decimals bound, bool exclusive)
        {
            var order = high is { } now ? bound.CompareTo(now) : -1;
            if (order < 0) (high, below) = (bound, exclusive);
            else if (order == 0) below |= exclusive;
        }

        foreach (var clause in clauses)
        {
            if (Read(clause, "minimum", up: true, out _) is { } minimum) Low(minimum, Draft4(clause, "exclusiveMinimum"));
            if (Read(clause, "maximum", up: false, out _) is { } maximum) High(maximum, Draft4(clause, "exclusiveMaximum"));
            if (Read(clause, "exclusiveMinimum", up: true, out var raised) is { } more) Low(more, !raised);
            if (Read(clause, "exclusiveMaximum", up: false, out var lowered) is { } less) High(less, !lowered);
            if (clause.Get("multipleOf", out _)) Multiple(clause, ref whole, ref step, ref places);
            if (!clause.Get("format", out var format) || format.ValueKind != JsonValueKind.String || format.GetString() != "int32") continue;
            Low(new(int.MinValue, 0), false);
            High(new(int.MaxValue, 0), false);
        }

        if (low is { } l && high is { } h && l.CompareTo(h) is var gap && (gap > 0 || (gap == 0 && (above || below)))) return null;
        return new(whole, low, above, high, below, step, places);
    }

    private static void Multiple(Clause clause, ref bool whole, ref int step, ref int places)
    {
        var place = clause.Place("multipleOf");
        var unit = Read(clause, "multipleOf", up: false, out var rounded)!.Value;
        if (unit.Scaled.Sign <= 0 || rounded) throw new GrammarException(place, "'multipleOf' must be a number above 0");
        if (unit.Places > 0)
        {
            if (!unit.Scaled.IsOne) throw new GrammarException(place, "'multipleOf' is enforced for whole numbers and for 0.1, 0.01, 0.001, …");
            places = Math.Min(places, unit.Places);
            return;
        }

        whole = true;
        var all = unit.Scaled / BigInteger.GreatestCommonDivisor(unit.Scaled, step) * step;
        step = all <= 5_000 ? (int)all : throw new GrammarException(place, "'multipleOf' is too large to be enforced");
    }

    // Draft 4 wrote a flag beside the bound.
    private static bool Draft4(Clause clause, string keyword) => clause.Get(keyword, out var flag) && flag.ValueKind == JsonValueKind.True;

    private static Decimals? Read(Clause clause, string keyword, bool up, out bool rounded)
    {
        rounded = false;
        if (!clause.Get(keyword, out var value) || (keyword[0] == 'e' && value.ValueKind is JsonValueKind.True or JsonValueKind.False)) return null;
        if (value.ValueKind != JsonValueKind.Number) throw GrammarException.Wrong(clause.Place(keyword), keyword, value, "a number");
        try
        {
            return Decimals.Read(value.GetRawText(), up, out rounded);
        }
        catch (FormatException error)
        {
            throw new GrammarException(clause.Place(keyword), $"'{keyword}' cannot be kept: {error.Message}");
        }
    }
}
