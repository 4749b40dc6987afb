using System.Numerics;

namespace AgentMesh.Inference.Templates.Jinja;

/// <summary>What stands behind <c>is</c>.</summary>
internal sealed class Tests(Meter meter)
{
    public bool Apply(string name, object? value, Arguments a) => name switch
    {
        "defined" => value is not Undefined,
        "undefined" => value is Undefined,
        "none" => value is null,
        "boolean" => value is bool,
        "true" => value is true,
        "false" => value is false,
        "string" => value is MarkedText,
        "mapping" => value is DictValue,
        "sequence" => value is MarkedText or ListValue or DictValue or Undefined,
        "iterable" => value is MarkedText or ListValue or DictValue or Undefined,
        "number" => value is bool or long or BigInteger or double,
        "integer" => value is long or BigInteger,
        "float" => value is double,
        "callable" => value is Callable,
        "odd" => Python.Integer(value, "what is odd") % 2 != 0,
        "even" => Python.Integer(value, "what is even") % 2 == 0,
        "divisibleby" => Python.Equal(Python.Apply("%", value, a.Get(0, "num"), meter), 0L, meter),
        "eq" or "equalto" or "==" => Python.Equal(value, Other(a), meter),
        "ne" or "!=" => !Python.Equal(value, Other(a), meter),
        "lt" or "lessthan" or "<" => Python.Compare(value, Other(a), meter) < 0,
        "le" or "<=" => Python.Compare(value, Other(a), meter) <= 0,
        "gt" or "greaterthan" or ">" => Python.Compare(value, Other(a), meter) > 0,
        "ge" or ">=" => Python.Compare(value, Other(a), meter) >= 0,
        "in" => Python.Contains(Other(a), value, meter),
        "sameas" => ReferenceEquals(value, Other(a)) || (value is bool or long && Equals(value, Other(a))),
        "lower" => PythonText.Str(value, meter).Value is var text && text.Any(char.IsLower) && !text.Any(char.IsUpper),
        "upper" => PythonText.Str(value, meter).Value is var text && text.Any(char.IsUpper) && !text.Any(char.IsLower),
        "escaped" => false,
        _ => throw new EvaluationException($"there is no test '{name}'."),
    };

    private static object? Other(Arguments a) => a.Positional.Count > 0 ? a.Positional[0] : throw new EvaluationException("this test needs something to compare with.");
}
