using System.Globalization;
using System.Numerics;

namespace AgentMesh.Inference.Templates.Jinja;

/// <summary>Expressions, with Jinja's precedence: or, and, not, comparison, + -, ~, * / // %, **, unary, then postfix, filters and tests.</summary>
internal sealed class ExpressionParser(TokenReader tokens)
{
    public Expression Parse(bool conditional = true)
    {
        tokens.Enter();
        var value = conditional ? Conditional() : Or();
        tokens.Leave();
        return value;
    }

    /// <summary>One expression, or more with commas between them: a tuple.</summary>
    public Expression ParseTuple(bool conditional = true)
    {
        var at = tokens.Current;
        var first = Parse(conditional);
        if (!tokens.Current.Is(",")) return first;
        List<Expression> items = [first];
        while (tokens.Skip(","))
        {
            if (tokens.Current.Kind is TokenKind.BlockEnd or TokenKind.VariableEnd || tokens.Current.Is(")") || tokens.Current.Is("=") || tokens.Current.IsName("in")) break;
            items.Add(Parse(conditional));
        }

        return new ListLiteral(at, items, Tuple: true);
    }

    /// <summary>What a loop or a set may assign: a name, names with commas, or (for set) an attribute of a namespace.</summary>
    public Expression ParseTarget(bool attribute)
    {
        var at = tokens.Current;
        if (attribute && at.Kind == TokenKind.Name && tokens.Ahead.Is("."))
        {
            tokens.Next();
            tokens.Next();
            return new Member(at, new Name(at, at.Text), tokens.ExpectName("an attribute's name"));
        }

        var parenthesis = tokens.Skip("(");
        List<Expression> names = [];
        var tuple = false;
        do
        {
            if (names.Count > 0 && tokens.Current.Kind != TokenKind.Name && !tokens.Current.Is("(")) break;
            names.Add(tokens.Current.Is("(") ? Nested() : OneName());
        }
        while (tokens.Skip(",") && (tuple = true));
        if (parenthesis) tokens.Expect(")");
        return tuple ? new ListLiteral(at, names, Tuple: true) : names[0];
    }

    public CallArguments ParseArguments()
    {
        tokens.Expect("(");
        List<Expression> positional = [];
        List<(string, Expression)> named = [];
        Expression? spread = null, namedSpread = null;
        while (!tokens.Skip(")"))
        {
            if (tokens.Skip("**")) namedSpread = Parse();
            else if (tokens.Skip("*")) spread = Parse();
            else if (tokens.Current.Kind == TokenKind.Name && tokens.Ahead.Is("="))
            {
                var name = tokens.Next().Text;
                tokens.Next();
                named.Add((name, Parse()));
            }
            else if (named.Count > 0 || namedSpread is not null) throw tokens.Current.Error("arguments without a name come before those with one.");
            else positional.Add(Parse());
            if (!tokens.Current.Is(")")) tokens.Expect(",");
        }

        return new CallArguments(positional, named, spread, namedSpread);
    }

    /// <summary>Filters with or without arguments, one after another, applied to <paramref name="target"/>.</summary>
    public Expression ParseFilters(Expression? target, bool first = false)
    {
        while (first || tokens.Current.Is("|"))
        {
            if (!first) tokens.Next();
            first = false;
            var at = tokens.Current;
            var name = Dotted("a filter's name");
            target = new Filtered(at, target, name, tokens.Current.Is("(") ? ParseArguments() : CallArguments.None);
        }

        return target!;
    }

    private Expression Nested()
    {
        tokens.Enter();
        var target = ParseTarget(attribute: false);
        tokens.Leave();
        return target;
    }

    private Name OneName()
    {
        var at = tokens.Current;
        var id = tokens.ExpectName("a name");
        if (id is "true" or "false" or "none" or "True" or "False" or "None") throw at.Error($"'{id}' cannot be set.");
        return new Name(at, id);
    }

    private Expression Conditional()
    {
        var value = Or();
        while (tokens.Current.IsName("if"))
        {
            var at = tokens.Next();
            var test = Or();
            value = new Conditional(at, test, value, tokens.SkipName("else") ? Parse() : null);
        }

        return value;
    }

    private Expression Or() => Joined(And, "or");

    private Expression And() => Joined(Not, "and");

    private Expression Joined(Func<Expression> part, string word)
    {
        var left = part();
        while (tokens.Current.IsName(word)) left = new Binary(tokens.Next(), word, left, part());
        return left;
    }

    private Expression Not()
    {
        if (!tokens.Current.IsName("not")) return Compare();
        tokens.Enter();
        var at = tokens.Next();
        var operand = Not();
        tokens.Leave();
        return new Unary(at, "not", operand);
    }

    private Expression Compare()
    {
        var at = tokens.Current;
        var first = Sum();
        List<(string, Expression)> rest = [];
        while (true)
        {
            var op = tokens.Current;
            if (op.Kind == TokenKind.Operator && op.Text is "==" or "!=" or "<" or "<=" or ">" or ">=") tokens.Next();
            else if (op.IsName("in")) tokens.Next();
            else if (op.IsName("not") && tokens.Ahead.IsName("in"))
            {
                tokens.Next();
                tokens.Next();
            }
            else break;
            rest.Add((op.Text, Sum()));
        }

        return rest.Count == 0 ? first : new Comparison(at, first, rest);
    }

    private Expression Sum() => Operated(Concat, "+", "-");

    private Expression Concat()
    {
        var at = tokens.Current;
        List<Expression> parts = [Product()];
        while (tokens.Skip("~")) parts.Add(Product());
        return parts.Count == 1 ? parts[0] : new Concatenation(at, parts);
    }

    private Expression Product() => Operated(Power, "*", "/", "//", "%");

    private Expression Power() => Operated(() => Signed(filters: true), "**");

    private Expression Operated(Func<Expression> part, params ReadOnlySpan<string> operators)
    {
        var left = part();
        while (tokens.Current.Kind == TokenKind.Operator && operators.Contains(tokens.Current.Text))
        {
            var op = tokens.Next();
            left = new Binary(op, op.Text, left, part());
        }

        return left;
    }

    private Expression Signed(bool filters)
    {
        var at = tokens.Current;
        Expression value;
        if (at.Is("-") || at.Is("+"))
        {
            tokens.Enter();
            tokens.Next();
            value = new Unary(at, at.Text, Signed(filters: false));
            tokens.Leave();
        }
        else value = Primary();

        value = Postfix(value);
        return filters ? FiltersAndTests(value) : value;
    }

    private Expression Primary()
    {
        var at = tokens.Next();
        switch (at.Kind)
        {
            case TokenKind.Name:
                return at.Text switch
                {
                    "true" or "True" => new Constant(at, true),
                    "false" or "False" => new Constant(at, false),
                    "none" or "None" => new Constant(at, null),
                    _ => new Name(at, at.Text),
                };
            case TokenKind.String:
                var text = at.Text;
                while (tokens.Current.Kind == TokenKind.String) text += tokens.Next().Text;
                return new Constant(at, MarkedText.Own(text));
            case TokenKind.Integer:
                return new Constant(at, Integer(at));
            case TokenKind.Float:
                return new Constant(at, double.Parse(at.Text, CultureInfo.InvariantCulture));
            case TokenKind.Operator when at.Text == "(":
                if (tokens.Skip(")")) return new ListLiteral(at, [], Tuple: true);
                var inner = ParseTuple();
                tokens.Expect(")");
                return inner;
            case TokenKind.Operator when at.Text == "[":
                return new ListLiteral(at, Items("]", () => Parse()), Tuple: false);
            case TokenKind.Operator when at.Text == "{":
                return new DictLiteral(at, Items("}", Pair));
            default:
                throw at.Error($"a value is expected here, not {at}.");
        }
    }

    private static object Integer(Token at)
    {
        if (long.TryParse(at.Text, CultureInfo.InvariantCulture, out var number)) return number;
        return at.Text.Length < 400 ? BigInteger.Parse(at.Text, CultureInfo.InvariantCulture) : throw at.Error("this number is too long.");
    }

    private (Expression, Expression) Pair()
    {
        var key = Parse();
        tokens.Expect(":");
        return (key, Parse());
    }

    private List<T> Items<T>(string close, Func<T> item)
    {
        List<T> items = [];
        while (!tokens.Skip(close))
        {
            items.Add(item());
            if (!tokens.Current.Is(close)) tokens.Expect(",");
        }

        return items;
    }

    private Expression Postfix(Expression value)
    {
        while (true)
        {
            var at = tokens.Current;
            if (tokens.Skip("."))
            {
                value = tokens.Current.Kind == TokenKind.Integer
                    ? new Item(at, value, new Constant(tokens.Current, (long)int.Parse(tokens.Next().Text, CultureInfo.InvariantCulture)))
                    : new Member(at, value, tokens.ExpectName("an attribute's name"));
            }
            else if (tokens.Skip("[")) value = Subscript(at, value);
            else if (at.Is("(")) value = new Call(at, value, ParseArguments());
            else return value;
        }
    }

    private Expression Subscript(Token at, Expression value)
    {
        var start = tokens.Current.Is(":") ? null : ParseTuple();
        if (start is not null && tokens.Skip("]")) return new Item(at, value, start);
        Expression? Part() => tokens.Current.Is(":") || tokens.Current.Is("]") ? null : Parse();
        tokens.Expect(":");
        var stop = Part();
        var step = tokens.Skip(":") ? Part() : null;
        tokens.Expect("]");
        return new Slice(at, value, start, stop, step);
    }

    private Expression FiltersAndTests(Expression value)
    {
        while (true)
        {
            if (tokens.Current.Is("|")) value = ParseFilters(value);
            else if (tokens.Current.IsName("is")) value = Test(value);
            else if (tokens.Current.Is("(")) value = new Call(tokens.Current, value, ParseArguments());
            else return value;
        }
    }

    private Expression Test(Expression value)
    {
        var at = tokens.Next();
        var negated = tokens.SkipName("not");
        var name = Dotted("a test's name");
        var arguments = CallArguments.None;
        var next = tokens.Current;
        if (next.Is("(")) arguments = ParseArguments();
        else if (next.Kind is TokenKind.String or TokenKind.Integer or TokenKind.Float || next.Is("[") || next.Is("{")
            || (next.Kind == TokenKind.Name && next.Text is not ("else" or "or" or "and" or "if" or "is" or "in" or "not" or "recursive")))
            arguments = new CallArguments([Postfix(Primary())], []);
        Expression tested = new Tested(at, value, name, arguments);
        return negated ? new Unary(at, "not", tested) : tested;
    }

    private string Dotted(string what)
    {
        var name = tokens.ExpectName(what);
        while (tokens.Skip(".")) name += "." + tokens.ExpectName(what);
        return name;
    }
}
