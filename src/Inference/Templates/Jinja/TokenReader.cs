using System.Runtime.CompilerServices;

namespace AgentMesh.Inference.Templates.Jinja;

/// <summary>Where a parser stands in its tokens.</summary>
internal sealed class TokenReader(IReadOnlyList<Token> tokens)
{
    private const int MostDepth = 200;
    private int _at;
    private int _depth;

    public int Position => _at;

    public Token Current => tokens[_at];

    public Token Ahead => tokens[Math.Min(_at + 1, tokens.Count - 1)];

    public Token Next() => Current.Kind == TokenKind.End ? Current : tokens[_at++];

    public bool Skip(string op) => Current.Is(op) && Next().Is(op);

    public bool SkipName(string name) => Current.IsName(name) && Next().IsName(name);

    public Token Expect(string op) => Current.Is(op) ? Next() : throw Current.Error($"'{op}' is expected here, not {Current}.");

    public Token Expect(TokenKind kind, string what) => Current.Kind == kind ? Next() : throw Current.Error($"{what} is expected here, not {Current}.");

    public string ExpectName(string what) => Expect(TokenKind.Name, what).Text;

    /// <summary>Whether the name stands between a position and here.</summary>
    public bool Named(string name, int since)
    {
        for (var i = since; i < _at; i++)
            if (tokens[i].IsName(name)) return true;
        return false;
    }

    public void Enter()
    {
        if (++_depth > MostDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack()) throw Current.Error($"this is nested more than {MostDepth} levels deep.");
    }

    public void Leave() => _depth--;
}
