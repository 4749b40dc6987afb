namespace AgentMesh.Inference.Templates.Jinja;

/// <summary>Computes expressions, and knows at which it is.</summary>
internal sealed class ExpressionEvaluator(Meter meter)
{
    private readonly Filters _filters = new(meter);
    private readonly Tests _tests = new(meter);

    /// <summary>Where the template is: for errors.</summary>
    public Token At { get; private set; }

    public void Reach(Token at)
    {
        At = at;
        meter.Step();
    }

    /// <param name="piped">What a filter without a target is applied to.</param>
    public object? Evaluate(Expression expression, Scope scope, object? piped = null)
    {
        Reach(expression.At);
        meter.Enter();
        var value = Compute(expression, scope, piped);
        meter.Leave();
        return value;
    }

    public MarkedText Text(Expression expression, Scope scope, object? piped = null) => PythonText.Str(Evaluate(expression, scope, piped), meter);

    private object? Compute(Expression expression, Scope scope, object? piped)
    {
        switch (expression)
        {
            case Constant constant: return constant.Value;
            case Name name: return scope.TryFind(name.Id, out var found) ? found : Globals.Find(name.Id, meter);
            case Member member:
                var owner = Evaluate(member.Target, scope);
                At = member.At;
                return Members.Attribute(owner, member.Attribute, meter);
            case Item item:
                var container = Evaluate(item.Target, scope);
                var index = Evaluate(item.Index, scope);
                At = item.At;
                return Members.Item(container, index, meter);
            case Slice slice: return Part(slice, scope);
            case Binary binary: return Combine(binary, scope);
            case Comparison comparison: return Compare(comparison, scope);
            case Unary unary: return Change(unary, scope);
            case Concatenation concatenation:
                var built = new MarkedBuilder(meter);
                foreach (var part in concatenation.Parts) built.Add(Text(part, scope));
                return built.Build();
            case Conditional conditional:
                return Python.True(Evaluate(conditional.Test, scope)) ? Evaluate(conditional.Then, scope)
                    : conditional.Otherwise is { } otherwise ? Evaluate(otherwise, scope) : new Undefined("an inline if without else");
            case ListLiteral list: return new ListValue([.. list.Items.Select(i => Evaluate(i, scope))], list.Tuple);
            case DictLiteral dict:
                var items = new DictValue();
                foreach (var (key, value) in dict.Items) items[Members.Key(Evaluate(key, scope))] = Evaluate(value, scope);
                return items;
            case Call call: return Invoke(call, scope, null);
            case Filtered filtered:
                var target = filtered.Target is { } from ? Evaluate(from, scope, piped) : piped;
                var filterArguments = Given(filtered.Arguments, scope);
                At = filtered.At;
                return _filters.Apply(filtered.Filter, target, filterArguments);
            default:
                var tested = (Tested)expression;
                var subject = Evaluate(tested.Target, scope);
                var testArguments = Given(tested.Arguments, scope);
                At = tested.At;
                return _tests.Apply(tested.Test, subject, testArguments);
        }
    }

    /// <param name="caller">The block that a call statement gives to the macro.</param>
    public object? Invoke(Call call, Scope scope, Callable? caller)
    {
        var target = Evaluate(call.Target, scope);
        var arguments = Given(call.Arguments, scope);
        if (caller is not null) arguments = new Arguments(arguments.Positional, new Dictionary<string, object?>(arguments.Named, StringComparer.Ordinal) { ["caller"] = caller });
        At = call.At;
        return target is Callable callable ? callable.Call(arguments) : throw new EvaluationException($"{Python.Kind(target)} cannot be called.");
    }

    private Arguments Given(CallArguments given, Scope scope)
    {
        if (ReferenceEquals(given, CallArguments.None)) return Arguments.None;
        List<object?> positional = [.. given.Positional.Select(a => Evaluate(a, scope))];
        var named = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, value) in given.Named) named[name] = Evaluate(value, scope);
        if (given.Spread is { } spread) positional.AddRange(Python.Iterate(Evaluate(spread, scope), meter));
        if (given.NamedSpread is { } more && Evaluate(more, scope) is DictValue dict)
            foreach (var (name, value) in dict.Items) named[Python.Text(name, "an argument's name").Value] = value;
        return new Arguments(positional, named);
    }

    private object Part(Slice slice, Scope scope)
    {
        var target = Evaluate(slice.Target, scope);
        object? Bound(Expression? bound) => bound is null ? null : Evaluate(bound, scope);
        var (start, stop, step) = (Bound(slice.Start), Bound(slice.Stop), Bound(slice.Step));
        At = slice.At;
        return target switch
        {
            MarkedText text => CodePoints.Slice(text, start, stop, step, meter),
            ListValue list => CodePoints.Slice(list, start, stop, step, meter),
            Undefined undefined => throw new EvaluationException($"{undefined.What} is undefined; it has no parts."),
            _ => new Undefined($"a part of {Python.Kind(target)}"),
        };
    }

    private object? Combine(Binary binary, Scope scope)
    {
        var left = Evaluate(binary.Left, scope);
        if (binary.Operator is "and" or "or") return Python.True(left) == (binary.Operator == "or") ? left : Evaluate(binary.Right, scope);
        var right = Evaluate(binary.Right, scope);
        At = binary.At;
        return Python.Apply(binary.Operator, left, right, meter);
    }

    private object Compare(Comparison comparison, Scope scope)
    {
        var left = Evaluate(comparison.First, scope);
        foreach (var (op, operand) in comparison.Rest)
        {
            var right = Evaluate(operand, scope);
            At = comparison.At;
            var holds = op switch
            {
                "==" => Python.Equal(left, right, meter),
                "!=" => !Python.Equal(left, right, meter),
                "in" => Python.Contains(right, left, meter),
                "not" => !Python.Contains(right, left, meter),
                "<" => Python.Compare(left, right, meter) < 0,
                "<=" => Python.Compare(left, right, meter) <= 0,
                ">" => Python.Compare(left, right, meter) > 0,
                _ => Python.Compare(left, right, meter) >= 0,
            };
            if (!holds) return false;
            left = right;
        }

        return true;
    }

    private object? Change(Unary unary, Scope scope)
    {
        var value = Evaluate(unary.Operand, scope);
        At = unary.At;
        if (unary.Operator == "not") return !Python.True(value);
        if (Python.Number(value) is not { } number) throw new EvaluationException($"'{unary.Operator}' is not possible with {Python.Kind(value)}.");
        return unary.Operator == "+" ? number : number is double d ? -d : Python.Apply("-", 0L, number, meter);
    }
}
