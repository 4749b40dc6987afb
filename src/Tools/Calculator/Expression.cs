using System.Globalization;

namespace AgentMesh.Tools.Calculator;

/// <summary>An expression that cannot be evaluated, in one sentence.</summary>
public sealed class CalculationException(string message) : Exception(message);

/// <summary>
/// Evaluates <c>+ - * / ^</c>, parentheses, the functions abs, min, max, sum, round, and named variables. Values are exact fractions throughout;
/// only <c>round</c> gives digits away.
/// </summary>
internal ref struct Expression
{
    private const int MaxLength = 4_000;
    private const int MaxDepth = 100;
    private const int MaxExponent = 1_000;
    private const int MaxRoundDigits = 100;

    private readonly ReadOnlySpan<char> _text;
    private readonly IReadOnlyDictionary<string, Rational> _variables;
    private readonly RoundingMode _mode;
    private int _at;
    private int _depth;

    private Expression(ReadOnlySpan<char> text, IReadOnlyDictionary<string, Rational> variables, RoundingMode mode)
    {
        _text = text;
        _variables = variables;
        _mode = mode;
    }

    /// <exception cref="CalculationException">It is no expression, divides by zero, or grows too large.</exception>
    public static Rational Evaluate(string text, IReadOnlyDictionary<string, Rational> variables, RoundingMode mode)
    {
        if (text.Length > MaxLength) throw new CalculationException($"The expression is longer than {MaxLength} characters; split it.");
        var expression = new Expression(text, variables, mode);
        var value = expression.Sum();
        if (expression.Peek() != '\0') throw expression.Unexpected("an operator or the end");
        return value;
    }

    private Rational Sum()
    {
        if (++_depth > MaxDepth) throw new CalculationException($"The expression nests deeper than {MaxDepth} levels; split it.");
        var value = Product();
        while (true)
        {
            if (Take('+')) value += Product();
            else if (Take('-')) value -= Product();
            else break;
        }

        _depth--;
        return value;
    }

    private Rational Product()
    {
        var value = Signed();
        while (true)
        {
            if (Take('*'))
            {
                value *= Signed();
            }
            else if (Take('/'))
            {
                var at = _at;
                var divisor = Signed();
                if (divisor.Sign == 0) throw new CalculationException($"Division by zero: the divisor at position {at + 1} is 0.");
                value /= divisor;
            }
            else
            {
                return value;
            }
        }
    }

    /// <summary>A sign binds weaker than a power, as in mathematics: -2^2 is -4.</summary>
    private Rational Signed()
    {
        var negative = false;
        while (true)
        {
            if (Take('-')) negative = !negative;
            else if (!Take('+')) break;
        }

        var value = Power();
        return negative ? -value : value;
    }

    private Rational Power()
    {
        var value = Atom();
        if (!Take('^')) return value;
        if (++_depth > MaxDepth) throw new CalculationException($"The expression nests deeper than {MaxDepth} levels; split it.");
        var exponent = Signed();
        _depth--;
        if (!exponent.Denominator.IsOne) throw new CalculationException("An exponent must be a whole number.");
        if (exponent.Abs().Numerator > MaxExponent) throw new CalculationException($"An exponent must lie between -{MaxExponent} and {MaxExponent}.");
        if (value.Sign == 0 && exponent.Sign < 0) throw new CalculationException("Division by zero: 0 has no negative power.");
        return value.Power((int)exponent.Numerator);
    }

    private Rational Atom()
    {
        var next = Peek();
        if (next == '(')
        {
            _at++;
            var value = Sum();
            if (!Take(')')) throw Unexpected("')'");
            return value;
        }

        if (char.IsAsciiDigit(next) || next == '.') return Number();
        if (char.IsAsciiLetter(next) || next == '_') return Name();
        throw Unexpected("a number, a name or '('");
    }

    private Rational Number()
    {
        var start = _at;
        while (_at < _text.Length && (char.IsAsciiDigit(_text[_at]) || _text[_at] == '.')) _at++;
        if (_at < _text.Length && _text[_at] is 'e' or 'E')
        {
            _at++;
            if (_at < _text.Length && _text[_at] is '+' or '-') _at++;
            while (_at < _text.Length && char.IsAsciiDigit(_text[_at])) _at++;
        }

        var digits = _text[start.._at];
        return Rational.TryParse(digits, out var value)
            ? value
            : throw new CalculationException($"'{digits}' at position {start + 1} is not a number; write digits with one '.' and no thousands separators.");
    }

    private Rational Name()
    {
        var start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] == '_')) _at++;
        var name = _text[start.._at].ToString();
        if (Peek() == '(')
        {
            _at++;
            return Function(name, Arguments());
        }

        return _variables.TryGetValue(name, out var value)
            ? value
            : throw new CalculationException($"'{name}' is not among the variables ({Names()}).");
    }

    private readonly string Names() =>
        _variables.Count == 0 ? "none were given" : string.Join(", ", _variables.Keys.Order(StringComparer.Ordinal).Take(20));

    private List<Rational> Arguments()
    {
        var arguments = new List<Rational>();
        if (Take(')')) return arguments;
        do
        {
            arguments.Add(Sum());
        }
        while (Take(','));
        if (!Take(')')) throw Unexpected("',' or ')'");
        return arguments;
    }

    private readonly Rational Function(string name, List<Rational> arguments) => (name, arguments.Count) switch
    {
        ("abs", 1) => arguments[0].Abs(),
        ("min", > 0) => arguments.Min(),
        ("max", > 0) => arguments.Max(),
        ("sum", > 0) => arguments.Aggregate((a, b) => a + b),
        ("round", 1) => arguments[0].Round(0, _mode),
        ("round", 2) => arguments[0].Round(Digits(arguments[1]), _mode),
        ("abs" or "min" or "max" or "sum" or "round", _) =>
            throw new CalculationException($"'{name}' does not take {arguments.Count.ToString(CultureInfo.InvariantCulture)} arguments."),
        _ => throw new CalculationException($"There is no function '{name}'; use abs, min, max, sum or round."),
    };

    private static int Digits(Rational value) => value.Denominator.IsOne && value.Abs().Numerator <= MaxRoundDigits
        ? (int)value.Numerator
        : throw new CalculationException($"round needs a whole number of digits between -{MaxRoundDigits} and {MaxRoundDigits}.");

    /// <summary>The next character that is not white space; NUL at the end.</summary>
    private char Peek()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at])) _at++;
        return _at < _text.Length ? _text[_at] : '\0';
    }

    private bool Take(char wanted)
    {
        if (Peek() != wanted || _at >= _text.Length) return false;
        _at++;
        return true;
    }

    private readonly CalculationException Unexpected(string wanted) => _at >= _text.Length
        ? new($"The expression ends where {wanted} is needed.")
        : new($"Found '{_text[_at]}' at position {_at + 1} where {wanted} is needed.");
}
