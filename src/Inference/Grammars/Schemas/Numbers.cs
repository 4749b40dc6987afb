using System.Globalization;
using System.Numerics;

namespace AgentMesh.Inference.Grammars;

/// <summary>The numbers that a schema allows, in decimal notation. Bounds have been narrowed to what can be written.</summary>
/// <param name="Whole">Whole numbers only, written without a point.</param>
/// <param name="Step">Whole numbers: multiples of this.</param>
/// <param name="Places">Digits behind the point at most.</param>
internal readonly record struct NumberRange(bool Whole, Decimals? Low, bool AboveLow, Decimals? High, bool BelowHigh, int Step, int Places)
{
    public static readonly NumberRange Any = new(false, null, false, null, false, 1, int.MaxValue);
}

/// <summary>A decimal number: <paramref name="Scaled"/> × 10^-<paramref name="Places"/>.</summary>
internal readonly record struct Decimals(BigInteger Scaled, int Places) : IComparable<Decimals>
{
    // More digits than any number here is written with; what is further out bounds nothing, what is finer rounds inwards.
    private const int MostDigits = 24;

    /// <summary>Reads a JSON number; one that is too fine is cut towards or away from zero so that the bound gets narrower.</summary>
    /// <param name="up">Which way to round.</param>
    public static Decimals Read(string text, bool up, out bool rounded)
    {
        var exponentAt = text.IndexOfAny(['e', 'E']);
        var mantissa = exponentAt < 0 ? text : text[..exponentAt];
        var exponent = exponentAt < 0 ? 0 : int.TryParse(text.AsSpan(exponentAt + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var e) ? Math.Clamp(e, -400, 400) : throw new FormatException("its exponent is too large");
        if (mantissa.Length > 100) throw new FormatException("it has too many digits");
        var point = mantissa.IndexOf('.');
        var scaled = BigInteger.Parse(point < 0 ? mantissa : mantissa.Remove(point, 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var places = (point < 0 ? 0 : mantissa.Length - point - 1) - exponent;
        if (places < 0) (scaled, places) = (scaled * BigInteger.Pow(10, -places), 0);
        rounded = false;
        if (places > MostDigits)
        {
            var unit = BigInteger.Pow(10, places - MostDigits);
            var cut = BigInteger.DivRem(scaled, unit, out var rest);
            if (rest.Sign > 0 && up) cut++;
            if (rest.Sign < 0 && !up) cut--;
            (scaled, places, rounded) = (cut, MostDigits, !rest.IsZero);
        }

        while (places > 0 && (scaled % 10).IsZero) (scaled, places) = (scaled / 10, places - 1);
        return new(scaled, places);
    }

    public int CompareTo(Decimals other)
    {
        var places = Math.Max(Places, other.Places);
        return At(places).CompareTo(other.At(places));
    }

    public Decimals Negated => this with { Scaled = -Scaled };

    /// <summary>The value in units of 10^-<paramref name="places"/>, which it has no finer digits than.</summary>
    public BigInteger At(int places) => Scaled * BigInteger.Pow(10, places - Places);
}

/// <summary>Numbers as automata.</summary>
/// <remarks>
/// Whole numbers have up to 18 digits, so that they fit 64 bits. Others have up to 15 digits in all, so that no two are the same double; without bounds they may
/// have an exponent of two digits. There is no negative zero.
/// </remarks>
internal static class Numbers
{
    private const int WholeDigits = 18;
    private const int Digits = 15;

    /// <returns>Null when no number is in the range.</returns>
    /// <exception cref="AutomatonSizeException">The step is too large.</exception>
    public static Dfa? Build(NumberRange range)
    {
        var nfa = new Nfa();
        var done = nfa.State();
        var start = nfa.State();
        // Zero has no sign; the negative side is the positive one mirrored.
        if (range.High is null || range.High.Value.Scaled.Sign > 0 || range.High is { Scaled.IsZero: true } && !range.BelowHigh)
            Side(nfa, start, done, range with { Low = range.Low is { Scaled.Sign: >= 0 } low ? low : default(Decimals), AboveLow = range.Low is { Scaled.Sign: >= 0 } && range.AboveLow });
        if (range.Low is null || range.Low.Value.Scaled.Sign < 0)
        {
            var minus = nfa.State();
            nfa.On(start, '-', minus);
            var mirrored = range.High is { Scaled.Sign: < 0 } high ? (high.Negated, range.BelowHigh) : (default, true);
            Side(nfa, minus, done, range with { Low = mirrored.Item1, AboveLow = mirrored.Item2, High = range.Low?.Negated, BelowHigh = range.AboveLow });
        }

        var dfa = nfa.Determine(start, s => s == done);
        return dfa is not null && range.Step > 1 ? Dfa.Both(dfa, Multiples(range.Step)) : dfa;
    }

    // Numbers of 0 and above, by the count of their digits before the point.
    private static void Side(Nfa nfa, int start, int done, NumberRange range)
    {
        var low = range.Low!.Value;
        var (lowWhole, lowPart) = Split(low);
        var (highWhole, highPart) = range.High is { } high ? Split(high) : (null, "");
        var most = range.Whole ? WholeDigits : Digits;
        var exponents = !range.Whole && range.High is null && low.Scaled.IsZero && range.Places == int.MaxValue;
        for (var digits = lowWhole.Length; digits <= Math.Min(most, highWhole?.Length ?? most); digits++)
        {
            var places = range.Whole ? 0 : Math.Min(range.Places, Math.Max(0, most - digits));
            new Written(nfa, done, digits, places, digits == lowWhole.Length ? lowWhole + lowPart : null, range.AboveLow,
                digits == highWhole?.Length ? highWhole + highPart : null, range.BelowHigh, exponents).Build(start);
        }
    }

    private static (string Whole, string Part) Split(Decimals value)
    {
        var text = value.Scaled.ToString(CultureInfo.InvariantCulture).PadLeft(value.Places + 1, '0');
        return (text[..^value.Places], text[^value.Places..]);
    }

    // The numbers with so many digits before the point; a bound, where there is one, has as many.
    private sealed class Written(Nfa nfa, int done, int digits, int places, string? low, bool above, string? high, bool below, bool exponents)
    {
        private readonly Dictionary<(int Digit, bool Low, bool High), int> states = [];

        public void Build(int start) => Digit(start, 0, low is not null, high is not null);

        // `low` and `high`: whether all digits so far are the bound's own.
        private void Digit(int from, int index, bool onLow, bool onHigh)
        {
            var least = onLow ? At(low!, index) : '0';
            var greatest = onHigh ? At(high!, index) : '9';
            if (index == 0 && digits > 1 && least == '0') least = '1';
            for (var digit = least; digit <= greatest; digit++)
            {
                var key = (index + 1, onLow && digit == At(low!, index), onHigh && digit == At(high!, index));
                if (!states.TryGetValue(key, out var to))
                {
                    states.Add(key, to = nfa.State());
                    Behind(to, key.Item1, key.Item2, key.Item3);
                }

                nfa.On(from, digit, to);
            }
        }

        private void Behind(int state, int index, bool onLow, bool onHigh)
        {
            if (index < digits)
            {
                Digit(state, index, onLow, onHigh);
                return;
            }

            var fits = (!onLow || (Ends(low!, index) && !above)) && (!onHigh || !below || !Ends(high!, index));
            if (fits)
            {
                nfa.Skip(state, done);
                if (exponents) Exponent(state);
            }

            if (index - digits >= places) return;
            if (index > digits)
            {
                Digit(state, index, onLow, onHigh);
                return;
            }

            var point = nfa.State();
            nfa.On(state, '.', point);
            Digit(point, index, onLow, onHigh);
        }

        private void Exponent(int state)
        {
            var (e, sign, last) = (nfa.State(), nfa.State(), nfa.State());
            nfa.On(state, 'e', e);
            nfa.On(state, 'E', e);
            nfa.On(e, '+', sign);
            nfa.On(e, '-', sign);
            nfa.Skip(e, sign);
            nfa.On(sign, (byte)'0', (byte)'9', last);
            nfa.On(last, (byte)'0', (byte)'9', done);
            nfa.Skip(last, done);
        }

        // A bound has zeros behind its last digit.
        private static char At(string bound, int index) => index < bound.Length ? bound[index] : '0';

        private static bool Ends(string bound, int index) => bound.AsSpan(Math.Min(index, bound.Length)).IndexOfAnyExcept('0') < 0;
    }

    private static Dfa Multiples(int step)
    {
        if (step > 5_000) throw new AutomatonSizeException();
        var builder = new Dfa.Builder();
        // The start, the sign, and a state for each remainder.
        builder.State(false);
        builder.State(false);
        for (var rest = 0; rest < step; rest++) builder.State(rest == 0);
        for (var digit = '0'; digit <= '9'; digit++)
        {
            var to = 2 + ((digit - '0') % step);
            builder.On(0, (byte)digit, (byte)digit, to);
            builder.On(1, (byte)digit, (byte)digit, to);
            for (var rest = 0; rest < step; rest++) builder.On(2 + rest, (byte)digit, (byte)digit, 2 + (((rest * 10) + digit - '0') % step));
        }

        builder.On(0, (byte)'-', (byte)'-', 1);
        return builder.Build()!;
    }
}
