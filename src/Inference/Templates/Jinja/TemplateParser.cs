namespace AgentMesh.Inference.Templates.Jinja;

/// <summary>Statements and text.</summary>
internal sealed class TemplateParser
{
    private readonly TokenReader _tokens;
    private readonly ExpressionParser _expressions;
    private int _loops;

    private TemplateParser(IReadOnlyList<Token> tokens)
    {
        _tokens = new TokenReader(tokens);
        _expressions = new ExpressionParser(_tokens);
    }

    public static IReadOnlyList<Statement> Parse(string template)
    {
        var parser = new TemplateParser(Lexer.Read(template));
        return parser.Body(null);
    }

    /// <summary>Up to one of the words, which is not read; to the end of the template where there are none.</summary>
    private List<Statement> Body(Token? opened, params ReadOnlySpan<string> ends)
    {
        _tokens.Enter();
        List<Statement> body = [];
        while (true)
        {
            var at = _tokens.Next();
            switch (at.Kind)
            {
                case TokenKind.Text:
                    body.Add(new Data(at, MarkedText.Own(at.Text)));
                    break;
                case TokenKind.VariableBegin:
                    body.Add(new Output(at, _expressions.ParseTuple()));
                    _tokens.Expect(TokenKind.VariableEnd, "'}}'");
                    break;
                case TokenKind.BlockBegin:
                    var word = _tokens.Current;
                    if (ends.Contains(word.Text) && word.Kind == TokenKind.Name)
                    {
                        _tokens.Leave();
                        return body;
                    }

                    body.Add(Tag());
                    break;
                default:
                    if (opened is { } open) throw open.Error($"this '{open.Text}' has no '{ends[^1]}'.");
                    _tokens.Leave();
                    return body;
            }
        }
    }

    private Statement Tag()
    {
        var at = _tokens.Expect(TokenKind.Name, "a tag's name");
        return at.Text switch
        {
            "if" => ParseIf(at),
            "for" => ParseFor(at),
            "set" => ParseSet(at),
            "macro" => ParseMacro(at),
            "call" => ParseCall(at),
            "filter" => ParseFilter(at),
            "with" => ParseWith(at),
            "generation" => Ended(new Block(at, Inner(at, "endgeneration"))),
            "break" or "continue" => _loops > 0 ? Ended(new Jump(at, at.Text == "break")) : throw at.Error($"'{at.Text}' stands outside of a loop."),
            "include" or "import" or "from" or "extends" or "block" => throw at.Error($"'{at.Text}' is not possible in a chat template: it has no other files."),
            _ => throw at.Error(at.Text.StartsWith("end", StringComparison.Ordinal) || at.Text is "else" or "elif" ? $"'{at.Text}' ends nothing that is open here." : $"there is no tag '{at.Text}'."),
        };
    }

    private If ParseIf(Token at)
    {
        List<(Expression, IReadOnlyList<Statement>)> branches = [];
        do
        {
            var test = _expressions.ParseTuple();
            End();
            branches.Add((test, Body(at, "elif", "else", "endif")));
        }
        while (_tokens.SkipName("elif"));
        return new If(at, branches, Otherwise(at, "endif"));
    }

    private For ParseFor(Token at)
    {
        var target = _expressions.ParseTarget(attribute: false);
        if (!_tokens.SkipName("in")) throw _tokens.Current.Error($"'in' is expected here, not {_tokens.Current}.");
        var source = _expressions.ParseTuple(conditional: false);
        var filter = _tokens.SkipName("if") ? _expressions.Parse() : null;
        if (_tokens.Current.IsName("recursive")) throw _tokens.Current.Error("recursive loops are not supported; use a macro that calls itself.");
        End();
        _loops++;
        var body = Body(at, "else", "endfor");
        _loops--;
        return new For(at, target, source, filter, body, Otherwise(at, "endfor"));
    }

    private Statement ParseSet(Token at)
    {
        var target = _expressions.ParseTarget(attribute: true);
        if (_tokens.Skip("=")) return Ended(new Set(at, target, _expressions.ParseTuple()));
        var filter = _tokens.Skip("|") ? _expressions.ParseFilters(null, first: true) : null;
        End();
        return new SetBlock(at, target, filter, Inner(at, "endset", ended: true));
    }

    private MacroDefinition ParseMacro(Token at)
    {
        var name = _tokens.ExpectName("the macro's name");
        var parameters = Parameters();
        End();
        return Macro(at, name, parameters, "endmacro");
    }

    private CallBlock ParseCall(Token at)
    {
        var parameters = _tokens.Current.Is("(") ? Parameters() : [];
        if (_expressions.Parse() is not Call call) throw at.Error("'call' needs the call of a macro.");
        End();
        return new CallBlock(at, call, Macro(at, "caller", parameters, "endcall"));
    }

    private FilterBlock ParseFilter(Token at)
    {
        var filter = _expressions.ParseFilters(null, first: true);
        End();
        return new FilterBlock(at, filter, Inner(at, "endfilter", ended: true));
    }

    private With ParseWith(Token at)
    {
        List<(Expression, Expression)> sets = [];
        while (_tokens.Current.Kind != TokenKind.BlockEnd)
        {
            if (sets.Count > 0) _tokens.Expect(",");
            var target = _expressions.ParseTarget(attribute: false);
            _tokens.Expect("=");
            sets.Add((target, _expressions.Parse()));
        }

        End();
        return new With(at, sets, Inner(at, "endwith", ended: true));
    }

    private List<(string, Expression?)> Parameters()
    {
        _tokens.Expect("(");
        List<(string, Expression?)> parameters = [];
        while (!_tokens.Skip(")"))
        {
            var name = _tokens.ExpectName("a parameter's name");
            parameters.Add((name, _tokens.Skip("=") ? _expressions.Parse() : null));
            if (!_tokens.Current.Is(")")) _tokens.Expect(",");
        }

        return parameters;
    }

    /// <summary>A macro's body stands outside of the loops around it, and takes more than its parameters when it names what for.</summary>
    private MacroDefinition Macro(Token at, string name, List<(string, Expression?)> parameters, string end)
    {
        var loops = _loops;
        _loops = 0;
        var start = _tokens.Position;
        var body = Inner(at, end, ended: true);
        _loops = loops;
        return new MacroDefinition(at, name, parameters, body) { TakesMore = _tokens.Named("varargs", start), TakesMoreNamed = _tokens.Named("kwargs", start) };
    }

    /// <param name="ended">The opening tag's end was read.</param>
    private List<Statement> Inner(Token at, string end, bool ended = false)
    {
        if (!ended) End();
        var body = Body(at, end);
        _tokens.Next();
        if (ended) End();
        return body;
    }

    private List<Statement> Otherwise(Token at, string end)
    {
        List<Statement> body = [];
        if (_tokens.SkipName("else"))
        {
            End();
            body = Body(at, end);
        }

        _tokens.Next();
        End();
        return body;
    }

    private T Ended<T>(T statement)
    {
        End();
        return statement;
    }

    private void End() => _tokens.Expect(TokenKind.BlockEnd, "'%}'");
}
