using System.Globalization;
using System.Numerics;
using AgentMesh.Contracts;
using FsCheck;
using FsCheck.Fluent;

namespace AgentMesh.Tools.Calculator;

public sealed class CalculatorToolTests
{
    private readonly CalculatorTool _tool = new();

    [Theory]
    [InlineData("1 + 2 * 3", "7")]
    [InlineData("(1 + 2) * 3", "9")]
    [InlineData("0.1 + 0.2", "0.3")]
    [InlineData("1/3*3", "1")]
    [InlineData("-2^2", "-4")]
    [InlineData("2^3^2", "512")]
    [InlineData("2^-2", "0.25")]
    [InlineData("10 - 4 - 3", "3")]
    [InlineData("100 / 10 / 5", "2")]
    [InlineData("--5", "5")]
    [InlineData("round(2.5)", "2")]
    [InlineData("round(3.5)", "4")]
    [InlineData("round(-1.005, 2)", "-1")]
    [InlineData("round(1250, -2)", "1200")]
    [InlineData("min(3, 1, 2) + max(3, 1, 2) + sum(1, 2, 3) + abs(-4)", "14")]
    [InlineData("1.5e3", "1500")]
    [InlineData(".5", "0.5")]
    [InlineData("0", "0")]
    public async Task Arithmetic_follows_the_rules_of_mathematics(string expression, string expected)
    {
        var result = await _tool.Run($$"""{"expression": "{{expression}}"}""");
        Assert.Equal(expected, result.Text("value"));
        Assert.True(result.GetProperty("exact").GetBoolean());
    }

    [Fact]
    public async Task Growth_is_exact_until_the_end()
    {
        var result = await _tool.Run("""{"expression": "(now - before) / before * 100", "variables": {"now": "1234.56", "before": 1000.10}, "decimals": 2, "rounding": "half-up"}""");
        Assert.Equal("23.44", result.Text("value"));
        Assert.False(result.GetProperty("exact").GetBoolean());
    }

    [Fact]
    public async Task An_endless_fraction_has_28_digits_and_says_so()
    {
        var result = await _tool.Run("""{"expression": "200 / 3"}""");
        Assert.Equal("66.66666666666666666666666667", result.Text("value"));
        Assert.False(result.GetProperty("exact").GetBoolean());
    }

    [Theory]
    [InlineData("half-even", "0.12")]
    [InlineData("half-up", "0.13")]
    public async Task A_tie_is_rounded_as_asked(string rounding, string expected)
    {
        var result = await _tool.Run($$"""{"expression": "1/8", "decimals": 2, "rounding": "{{rounding}}"}""");
        Assert.Equal(expected, result.Text("value"));
    }

    [Theory]
    [InlineData("1 / (2 - 2)", "Division by zero")]
    [InlineData("0^-1", "Division by zero")]
    [InlineData("1 +", "ends where")]
    [InlineData("(1", "')'")]
    [InlineData("1 2", "position 3")]
    [InlineData("1..2", "not a number")]
    [InlineData("revenue * 2", "'revenue' is not among the variables")]
    [InlineData("sqrt(4)", "no function 'sqrt'")]
    [InlineData("round(1, 2, 3)", "does not take 3 arguments")]
    [InlineData("2^0.5", "whole number")]
    [InlineData("9^999^9", "between -1000 and 1000")]
    [InlineData("(9^999)^999", "4,900 digits")]
    [InlineData("10^28", "Overflow")]
    [InlineData("1; drop table", "Found ';'")]
    [InlineData("", "ends where")]
    public async Task What_cannot_be_computed_is_said_in_one_sentence(string expression, string part)
    {
        var exception = await _tool.Fails($$"""{"expression": "{{expression}}"}""");
        Assert.Equal(FailureKind.Permanent, exception.Kind);
        Assert.Contains(part, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"1,234.50\"")]
    [InlineData("\"$5\"")]
    [InlineData("true")]
    [InlineData("\"\"")]
    public async Task A_variable_that_is_no_number_is_refused(string value)
    {
        var exception = await _tool.Fails($$"""{"expression": "x", "variables": {"x": {{value}} } }""");
        Assert.Contains("Variable 'x' is not a number", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deep_nesting_is_refused_and_not_a_crash()
    {
        var exception = await _tool.Fails($$"""{"expression": "{{new string('(', 3_900)}}"}""");
        Assert.Contains("nests deeper", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>The same tree computed a second way: numerator and denominator as plain big integers that are never reduced.</summary>
    [Fact]
    public void Random_expressions_agree_with_an_independent_computation() =>
        Prop.ForAll(Trees(4).ToArbitrary(), tree =>
        {
            var (top, bottom) = tree.Fraction();
            if (bottom.IsZero)
            {
                Assert.Throws<CalculationException>(() => Expression.Evaluate(tree.Text(), Nothing, RoundingMode.HalfEven));
                return;
            }

            var value = Expression.Evaluate(tree.Text(), Nothing, RoundingMode.HalfEven);
            Assert.Equal(top * value.Denominator, value.Numerator * bottom);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    /// <summary>Within decimal's range our rounding is decimal's.</summary>
    [Fact]
    public void Rounding_agrees_with_decimal() =>
        Prop.ForAll<long, byte, byte>((mantissa, scale, digits) =>
        {
            var number = new decimal(Math.Abs(mantissa % 1_000_000_000_000)) / (decimal)Math.Pow(10, scale % 10);
            var text = number.ToString(CultureInfo.InvariantCulture);
            Assert.True(Rational.TryParse(text, out var value));
            var decimals = digits % 8;
            Assert.Equal(Math.Round(number, decimals, MidpointRounding.ToEven), decimal.Parse(value.Round(decimals, RoundingMode.HalfEven).ToDecimalString(decimals), CultureInfo.InvariantCulture));
            Assert.Equal(Math.Round(number, decimals, MidpointRounding.AwayFromZero), decimal.Parse(value.Round(decimals, RoundingMode.HalfUp).ToDecimalString(decimals), CultureInfo.InvariantCulture));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    private static readonly Dictionary<string, Rational> Nothing = new(StringComparer.Ordinal);

    private static Gen<Tree> Trees(int depth)
    {
        var leaf = Gen.Choose(0, 99_999).SelectMany(digits => Gen.Choose(0, 4).Select(scale => (Tree)new Leaf(digits, scale)));
        if (depth == 0) return leaf;
        var node = Gen.Elements('+', '-', '*', '/').SelectMany(op => Trees(depth - 1).SelectMany(left => Trees(depth - 1).Select(right => (Tree)new Node(op, left, right))));
        return Gen.OneOf(leaf, node, node);
    }

    private abstract record Tree
    {
        public abstract string Text();

        /// <summary>A zero denominator stands for a division by zero anywhere in the tree.</summary>
        public abstract (BigInteger Top, BigInteger Bottom) Fraction();
    }

    private sealed record Leaf(int Digits, int Scale) : Tree
    {
        public override string Text() => (Digits / (decimal)Math.Pow(10, Scale)).ToString(CultureInfo.InvariantCulture);
        public override (BigInteger Top, BigInteger Bottom) Fraction() => (Digits, BigInteger.Pow(10, Scale));
    }

    private sealed record Node(char Op, Tree Left, Tree Right) : Tree
    {
        public override string Text() => $"({Left.Text()} {Op} {Right.Text()})";

        public override (BigInteger Top, BigInteger Bottom) Fraction()
        {
            var (a, b) = Left.Fraction();
            var (c, d) = Right.Fraction();
            if (b.IsZero || d.IsZero) return (0, 0);
            return Op switch
            {
                '+' => (a * d + c * b, b * d),
                '-' => (a * d - c * b, b * d),
                '*' => (a * c, b * d),
                _ => (a * d, b * c),
            };
        }
    }
}
