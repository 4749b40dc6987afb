namespace AgentMesh.Inference.Templates.Jinja;

internal enum TokenKind { Text, BlockBegin, BlockEnd, VariableBegin, VariableEnd, Name, String, Integer, Float, Operator, End }

/// <param name="Text">A string's value after its escapes; else as written.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Line, int Column)
{
    public bool Is(string op) => Kind == TokenKind.Operator && Text == op;

    public bool IsName(string name) => Kind == TokenKind.Name && Text == name;

    public TemplateException Error(string problem) => new(problem, Line, Column);

    public override string ToString() => Kind switch
    {
        TokenKind.End => "the end of the template",
        TokenKind.BlockEnd => "'%}'",
        TokenKind.VariableEnd => "'}}'",
        TokenKind.String => "a string",
        TokenKind.Text or TokenKind.BlockBegin or TokenKind.VariableBegin => "text",
        _ => $"'{Text}'",
    };
}
