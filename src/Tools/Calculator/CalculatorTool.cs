using System.Globalization;
using System.Numerics;
using System.Text.Json;
using AgentMesh.Agents;
using AgentMesh.Contracts;

namespace AgentMesh.Tools.Calculator;

internal sealed record CalculatorArguments(
    string Expression, IReadOnlyDictionary<string, JsonElement>? Variables = null, int? Decimals = null, string? Rounding = null);

/// <param name="Value">Plain decimal notation.</param>
/// <param name="Exact">False when digits were rounded away at the end.</param>
internal sealed record CalculatorResult(string Expression, string Value, bool Exact);

/// <summary><c>calc.evaluate</c>: arithmetic on exact fractions, rounded once at the end, so that a figure is computed and never written by a model.</summary>
public sealed class CalculatorTool : ITool
{
    public const string Name = "calc.evaluate";

    /// <summary>Digits kept of a value whose decimal notation never ends: as many as <see cref="decimal"/> always holds.</summary>
    private const int SignificantDigits = 28;

    private static readonly BigInteger Limit = BigInteger.Pow(10, SignificantDigits);

    public ToolDescriptor Descriptor { get; } = new()
    {
        Name = Name,
        Description = "Calculates an arithmetic expression exactly. Operators + - * / ^ (whole powers), parentheses, functions abs(x), min(…), max(…), sum(…), round(x, digits). Give figures as variables, as text or number. The value comes back as a decimal in text.",
        Parameters = Schema,
        Effect = ToolEffect.Pure,
        Returns = Trust.Trusted,
        Timeout = TimeSpan.FromSeconds(5),
    };

    public Task<ToolResult> Invoke(ToolCall call, CancellationToken ct)
    {
        var arguments = ToolArguments.Read(call, ToolJson.Default.CalculatorArguments);
        try
        {
            return Task.FromResult(ToolArguments.Result(Calculate(arguments), ToolJson.Default.CalculatorResult));
        }
        catch (CalculationException exception)
        {
            throw ToolArguments.Wrong(exception.Message, exception);
        }
    }

    private static CalculatorResult Calculate(CalculatorArguments arguments)
    {
        var mode = arguments.Rounding switch
        {
            null or "half-even" => RoundingMode.HalfEven,
            "half-up" => RoundingMode.HalfUp,
            var other => throw new CalculationException($"Rounding '{other}' is unknown; use half-even or half-up."),
        };
        var variables = new Dictionary<string, Rational>(StringComparer.Ordinal);
        foreach (var (name, value) in arguments.Variables ?? new Dictionary<string, JsonElement>(StringComparer.Ordinal))
            variables[name] = Variable(name, value);

        var result = Expression.Evaluate(arguments.Expression, variables, mode);
        if (result.Abs().CompareTo(new Rational(Limit, BigInteger.One)) >= 0)
            throw new CalculationException("Overflow: the result has more than 28 digits before the decimal point.");

        var exact = result.ExactDecimals();
        var decimals = arguments.Decimals ?? (exact is <= SignificantDigits and var few ? few : DecimalsOf(result));
        if (decimals is < 0 or > SignificantDigits)
            throw new CalculationException("decimals must lie between 0 and 28.");
        var rounded = result.Round(decimals, mode);
        return new(arguments.Expression, rounded.ToDecimalString(decimals), rounded.Equals(result));
    }

    /// <summary>So many digits behind the point that all of them together are at most 28.</summary>
    private static int DecimalsOf(Rational value)
    {
        var whole = BigInteger.Abs(value.Numerator) / value.Denominator;
        return SignificantDigits - (whole.IsZero ? 0 : whole.ToString(CultureInfo.InvariantCulture).Length);
    }

    private static Rational Variable(string name, JsonElement value)
    {
        var text = value.ValueKind switch
        {
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.String => value.GetString()!.Trim(),
            _ => "",
        };
        return Rational.TryParse(text, out var number)
            ? number
            : throw new CalculationException($"Variable '{name}' is not a number; write digits with one '.' and no currency sign, percent sign or thousands separators.");
    }

    private static readonly JsonElement Schema = MeshJson.Parse("""
        {
          "type": "object",
          "additionalProperties": false,
          "required": ["expression"],
          "properties": {
            "expression": { "type": "string", "minLength": 1, "maxLength": 4000, "description": "For example (a - b) / b * 100" },
            "variables": {
              "type": "object",
              "description": "Values by name, as decimal text or number",
              "maxProperties": 500,
              "propertyNames": { "pattern": "^[A-Za-z_][A-Za-z0-9_]*$" },
              "additionalProperties": { "type": ["string", "number"] }
            },
            "decimals": { "type": "integer", "minimum": 0, "maximum": 28, "description": "Digits behind the point; without it the value is exact where its decimal notation ends within 28 digits" },
            "rounding": { "enum": ["half-even", "half-up"], "description": "For round() and for the final rounding; half-even by default" }
          }
        }
        """);
}
