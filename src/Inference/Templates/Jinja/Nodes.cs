namespace AgentMesh.Inference.Templates.Jinja;

internal abstract record Expression(Token At);

internal sealed record Constant(Token At, object? Value) : Expression(At);

internal sealed record Name(Token At, string Id) : Expression(At);

internal sealed record ListLiteral(Token At, IReadOnlyList<Expression> Items, bool Tuple) : Expression(At);

internal sealed record DictLiteral(Token At, IReadOnlyList<(Expression Key, Expression Value)> Items) : Expression(At);

internal sealed record Unary(Token At, string Operator, Expression Operand) : Expression(At);

internal sealed record Binary(Token At, string Operator, Expression Left, Expression Right) : Expression(At);

internal sealed record Comparison(Token At, Expression First, IReadOnlyList<(string Operator, Expression Operand)> Rest) : Expression(At);

internal sealed record Concatenation(Token At, IReadOnlyList<Expression> Parts) : Expression(At);

internal sealed record Conditional(Token At, Expression Test, Expression Then, Expression? Otherwise) : Expression(At);

internal sealed record Member(Token At, Expression Target, string Attribute) : Expression(At);

internal sealed record Item(Token At, Expression Target, Expression Index) : Expression(At);

internal sealed record Slice(Token At, Expression Target, Expression? Start, Expression? Stop, Expression? Step) : Expression(At);

internal sealed record Call(Token At, Expression Target, CallArguments Arguments) : Expression(At);

internal sealed record Filtered(Token At, Expression? Target, string Filter, CallArguments Arguments) : Expression(At);

internal sealed record Tested(Token At, Expression Target, string Test, CallArguments Arguments) : Expression(At);

internal sealed record CallArguments(IReadOnlyList<Expression> Positional, IReadOnlyList<(string Name, Expression Value)> Named, Expression? Spread = null, Expression? NamedSpread = null)
{
    public static CallArguments None { get; } = new([], []);
}

internal abstract record Statement(Token At);

internal sealed record Output(Token At, Expression Value) : Statement(At);

internal sealed record Data(Token At, MarkedText Text) : Statement(At);

internal sealed record If(Token At, IReadOnlyList<(Expression Test, IReadOnlyList<Statement> Body)> Branches, IReadOnlyList<Statement> Otherwise) : Statement(At);

internal sealed record For(Token At, Expression Target, Expression Source, Expression? Filter, IReadOnlyList<Statement> Body, IReadOnlyList<Statement> Otherwise) : Statement(At);

/// <summary>Leaves a loop, or its round.</summary>
internal sealed record Jump(Token At, bool Break) : Statement(At);

internal sealed record Set(Token At, Expression Target, Expression Value) : Statement(At);

/// <param name="Filter">Its innermost target is the block's text.</param>
internal sealed record SetBlock(Token At, Expression Target, Expression? Filter, IReadOnlyList<Statement> Body) : Statement(At);

internal sealed record FilterBlock(Token At, Expression Filter, IReadOnlyList<Statement> Body) : Statement(At);

internal sealed record With(Token At, IReadOnlyList<(Expression Target, Expression Value)> Sets, IReadOnlyList<Statement> Body) : Statement(At);

internal sealed record MacroDefinition(Token At, string Name, IReadOnlyList<(string Name, Expression? Default)> Parameters, IReadOnlyList<Statement> Body) : Statement(At)
{
    /// <summary>Whether it asks for arguments without a parameter.</summary>
    public bool TakesMore { get; init; }

    public bool TakesMoreNamed { get; init; }
}

internal sealed record CallBlock(Token At, Call Call, MacroDefinition Caller) : Statement(At);

internal sealed record Block(Token At, IReadOnlyList<Statement> Body) : Statement(At);
