namespace AgentMesh.Inference.Templates.Jinja;

/// <summary>Runs statements.</summary>
internal sealed class Evaluator(Meter meter)
{
    private readonly ExpressionEvaluator _expressions = new(meter);

    private enum Flow { On, Break, Continue }

    /// <exception cref="TemplateException"/>
    public MarkedText Render(IReadOnlyList<Statement> template, Scope scope)
    {
        try
        {
            var output = new MarkedBuilder(meter);
            Run(template, scope, output);
            return output.Build();
        }
        catch (EvaluationException e)
        {
            throw new TemplateException(e.Message, _expressions.At.Line, _expressions.At.Column, e.Refused);
        }
    }

    private Flow Run(IReadOnlyList<Statement> body, Scope scope, MarkedBuilder output)
    {
        meter.Enter();
        var flow = Flow.On;
        for (var i = 0; i < body.Count && flow == Flow.On; i++)
        {
            _expressions.Reach(body[i].At);
            flow = Run(body[i], scope, output);
        }

        meter.Leave();
        return flow;
    }

    private Flow Run(Statement statement, Scope scope, MarkedBuilder output)
    {
        switch (statement)
        {
            case Data data: output.Add(data.Text); break;
            case Output value: output.Add(_expressions.Text(value.Value, scope)); break;
            case If choice: return Run(Chosen(choice, scope), scope, output);
            case For loop: return Run(loop, scope, output);
            case Jump jump: return jump.Break ? Flow.Break : Flow.Continue;
            case Set set: Assign(set.Target, _expressions.Evaluate(set.Value, scope), scope); break;
            case SetBlock set: Assign(set.Target, Filtered(set.Filter, Body(set.Body, scope), scope), scope); break;
            case FilterBlock filter: output.Add(PythonText.Str(Filtered(filter.Filter, Body(filter.Body, scope), scope), meter)); break;
            case MacroDefinition macro: scope[macro.Name] = Macro(macro, scope); break;
            case CallBlock call: output.Add(PythonText.Str(_expressions.Invoke(call.Call, scope, Macro(call.Caller, scope)), meter)); break;
            case Block block: return Run(block.Body, scope, output);
            case With with:
                var inner = new Scope(scope, scope.Loops);
                foreach (var (target, value) in with.Sets) Assign(target, _expressions.Evaluate(value, scope), inner);
                return Run(with.Body, inner, output);
        }

        return Flow.On;
    }

    private IReadOnlyList<Statement> Chosen(If choice, Scope scope)
    {
        foreach (var (test, body) in choice.Branches)
            if (Python.True(_expressions.Evaluate(test, scope))) return body;
        return choice.Otherwise;
    }

    private Flow Run(For loop, Scope scope, MarkedBuilder output)
    {
        var items = Python.Iterate(_expressions.Evaluate(loop.Source, scope), meter);
        if (loop.Filter is { } filter)
        {
            items = [.. items.Where(item =>
            {
                var tried = new Scope(scope, scope.Loops);
                Assign(loop.Target, item, tried);
                return Python.True(_expressions.Evaluate(filter, tried));
            })];
        }

        if (items.Count == 0) return Run(loop.Otherwise, scope, output);
        var state = new Loop(items, scope.Loops);
        for (; state.Index < items.Count; state.Index++)
        {
            var round = new Scope(scope, scope.Loops + 1);
            Assign(loop.Target, items[state.Index], round);
            round["loop"] = state;
            if (Run(loop.Body, round, output) == Flow.Break) break;
        }

        return Flow.On;
    }

    private MarkedText Body(IReadOnlyList<Statement> body, Scope scope)
    {
        var text = new MarkedBuilder(meter);
        Run(body, new Scope(scope, scope.Loops), text);
        return text.Build();
    }

    private object? Filtered(Expression? filter, MarkedText text, Scope scope) => filter is null ? text : _expressions.Evaluate(filter, scope, text);

    private void Assign(Expression target, object? value, Scope scope)
    {
        switch (target)
        {
            case Name name:
                scope[name.Id] = value;
                break;
            case Member { Target: Name owner } member:
                var space = _expressions.Evaluate(owner, scope) as NamespaceValue ?? throw new EvaluationException($"only a namespace's attributes can be set; '{owner.Id}' is none.");
                space.Items[member.Attribute] = value;
                break;
            case ListLiteral names:
                var items = Python.Iterate(value, meter);
                if (items.Count != names.Items.Count) throw new EvaluationException($"{items.Count} values cannot be set to {names.Items.Count} names.");
                for (var i = 0; i < items.Count; i++) Assign(names.Items[i], items[i], scope);
                break;
        }
    }

    private Callable Macro(MacroDefinition macro, Scope scope) => new(macro.Name, given =>
    {
        var parameters = macro.Parameters;
        var inner = new Scope(scope);
        var unknown = given.Named.Keys.FirstOrDefault(n => n != "caller" && parameters.All(p => p.Name != n));
        for (var i = 0; i < parameters.Count; i++)
        {
            var (name, fallback) = parameters[i];
            inner[name] = i < given.Positional.Count ? given.Positional[i]
                : given.Named.TryGetValue(name, out var value) ? value
                : fallback is not null ? _expressions.Evaluate(fallback, inner) : new Undefined($"'{name}'");
        }

        if (given.Named.TryGetValue("caller", out var caller)) inner["caller"] = caller;
        inner["varargs"] = new ListValue([.. given.Positional.Skip(parameters.Count)], tuple: true);
        var kwargs = new DictValue();
        foreach (var (name, value) in given.Named)
            if (parameters.All(p => p.Name != name)) kwargs.With(name, value);
        inner["kwargs"] = kwargs;
        if (unknown is not null && !macro.TakesMoreNamed) throw new EvaluationException($"the macro '{macro.Name}' has no parameter '{unknown}'.");
        if (given.Positional.Count > parameters.Count && !macro.TakesMore) throw new EvaluationException($"the macro '{macro.Name}' has {parameters.Count} parameters; it was given {given.Positional.Count}.");
        var text = new MarkedBuilder(meter);
        Run(macro.Body, inner, text);
        return text.Build();
    });
}
