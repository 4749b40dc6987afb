using System.Globalization;
using System.Numerics;

namespace AgentMesh.Tools.Calculator;

/// <summary>How a value that lies exactly between two neighbours is rounded.</summary>
public enum RoundingMode
{
    /// <summary>To the even neighbour (banker's rounding).</summary>
    HalfEven,

    /// <summary>Away from zero, as taught in school.</summary>
    HalfUp,
}

/// <summary>A fraction in lowest terms with a positive denominator. Arithmetic is exact.</summary>
internal readonly struct Rational : IEquatable<Rational>, IComparable<Rational>
{
    private readonly BigInteger _denominator;

    public Rational(BigInteger numerator, BigInteger denominator)
    {
        if (denominator.IsZero) throw new CalculationException("Division by zero.");
        var divisor = BigInteger.GreatestCommonDivisor(numerator, denominator);
        if (denominator.Sign < 0) divisor = -divisor;
        Numerator = numerator / divisor;
        _denominator = denominator / divisor;
        // Bounds the work that a short expression can cause: 9^999^… would otherwise run for hours.
        if (Numerator.GetBitLength() > MaxBits || _denominator.GetBitLength() > MaxBits)
            throw new CalculationException("A number grew beyond 4,900 digits; calculate with smaller numbers or powers.");
    }

    private const long MaxBits = 16_384;

    public BigInteger Numerator { get; }

    /// <summary>1 for <c>default</c>, so that the default value is a valid zero.</summary>
    public BigInteger Denominator => _denominator.IsZero ? BigInteger.One : _denominator;

    public int Sign => Numerator.Sign;

    public static Rational operator +(Rational a, Rational b) => new(a.Numerator * b.Denominator + b.Numerator * a.Denominator, a.Denominator * b.Denominator);
    public static Rational operator -(Rational a, Rational b) => a + -b;
    public static Rational operator -(Rational a) => new(-a.Numerator, a.Denominator);
    public static Rational operator *(Rational a, Rational b) => new(a.Numerator * b.Numerator, a.Denominator * b.Denominator);
    public static Rational operator /(Rational a, Rational b) => new(a.Numerator * b.Denominator, a.Denominator * b.Numerator);

    public Rational Abs() => new(BigInteger.Abs(Numerator), Denominator);

    public Rational Power(int exponent)
    {
        // Refused before it is computed, not after: the bits of a power are at least (bits - 1) × exponent.
        var bits = Math.Max(Numerator.GetBitLength(), Denominator.GetBitLength());
        if ((bits - 1) * Math.Abs((long)exponent) > MaxBits)
            throw new CalculationException("A power is beyond 4,900 digits; calculate with smaller numbers or powers.");
        return exponent >= 0
            ? new(BigInteger.Pow(Numerator, exponent), BigInteger.Pow(Denominator, exponent))
            : new(BigInteger.Pow(Denominator, -exponent), BigInteger.Pow(Numerator, -exponent));
    }

    /// <summary>The nearest multiple of 10^-decimals.</summary>
    public Rational Round(int decimals, RoundingMode mode)
    {
        var scale = BigInteger.Pow(10, Math.Abs(decimals));
        var (top, bottom) = decimals >= 0 ? (Numerator * scale, Denominator) : (Numerator, Denominator * scale);
        var rounded = DivideRounded(top, bottom, mode);
        return decimals >= 0 ? new(rounded, scale) : new(rounded * scale, BigInteger.One);
    }

    /// <summary>The digits behind the point that an exact decimal notation needs; null when it never ends.</summary>
    public int? ExactDecimals()
    {
        var rest = Denominator;
        var (twos, fives) = (0, 0);
        for (; rest.IsEven; twos++) rest >>= 1;
        for (; (rest % 5).IsZero; fives++) rest /= 5;
        return rest.IsOne ? Math.Max(twos, fives) : null;
    }

    /// <summary>Plain decimal notation with exactly this many digits behind the point; the value must be a multiple of 10^-decimals.</summary>
    public string ToDecimalString(int decimals)
    {
        var digits = BigInteger.Abs(Numerator * BigInteger.Pow(10, decimals) / Denominator).ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
        var point = digits.Length - decimals;
        return (Sign < 0 ? "-" : "") + digits[..point] + (decimals > 0 ? "." + digits[point..] : "");
    }

    /// <summary>Reads plain or scientific decimal notation; false when the text is none.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Rational value)
    {
        value = default;
        var mantissa = text;
        var exponent = 0;
        if (text.IndexOfAny('e', 'E') is >= 0 and var mark)
        {
            mantissa = text[..mark];
            if (!int.TryParse(text[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent) || Math.Abs(exponent) > 1_000) return false;
        }

        if (mantissa.Length is 0 or > 1_000) return false;
        var point = mantissa.IndexOf('.');
        var decimals = point < 0 ? 0 : mantissa.Length - point - 1;
        var digits = point < 0 ? mantissa.ToString() : string.Concat(mantissa[..point], mantissa[(point + 1)..]);
        if (!BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) return false;
        exponent -= decimals;
        value = exponent >= 0 ? new(number * BigInteger.Pow(10, exponent), BigInteger.One) : new(number, BigInteger.Pow(10, -exponent));
        return true;
    }

    private static BigInteger DivideRounded(BigInteger top, BigInteger bottom, RoundingMode mode)
    {
        var quotient = BigInteger.DivRem(BigInteger.Abs(top), bottom, out var remainder);
        var half = (remainder * 2).CompareTo(bottom);
        if (half > 0 || (half == 0 && (mode == RoundingMode.HalfUp || !quotient.IsEven))) quotient += 1;
        return top.Sign < 0 ? -quotient : quotient;
    }

    public int CompareTo(Rational other) => (Numerator * other.Denominator).CompareTo(other.Numerator * Denominator);
    public bool Equals(Rational other) => Numerator == other.Numerator && Denominator == other.Denominator;
    public override bool Equals(object? obj) => obj is Rational other && Equals(other);
    public override int GetHashCode() => HashCode.Combine(Numerator, Denominator);
}
