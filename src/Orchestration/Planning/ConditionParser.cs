using System.Globalization;
using System.Text;
using AgentMesh.Contracts;
using static AgentMesh.Orchestration.Condition;

namespace AgentMesh.Orchestration;

/// <summary>Recursive descent over the text; its depth is bounded by <see cref="Condition.MaxDepth"/>.</summary>
internal sealed class ConditionParser(string text)
{
    private readonly List<Root> _roots = [];
    private int _at;
    private int _depth;

    /// <summary>Where the text names artifacts, in order.</summary>
    public IReadOnlyList<Root> Roots => _roots;

    public Term Parse()
    {
        if (text.Length > MaxLength) throw new ConditionException($"a condition has at most {MaxLength} characters.", MaxLength + 1);
        var term = Any();
        SkipSpace();
        if (_at < text.Length) throw Unexpected("'and', 'or' or the end");
        return term;
    }

    private Term Any()
    {
        List<Term> terms = [All()];
        while (Word("or")) terms.Add(All());
        return terms is [var only] ? only : new Term.Any(terms);
    }

    private Term All()
    {
        List<Term> terms = [One()];
        while (Word("and")) terms.Add(One());
        return terms is [var only] ? only : new Term.All(terms);
    }

    private Term One()
    {
        if (++_depth > MaxDepth) throw new ConditionException($"nested deeper than {MaxDepth}.", _at + 1);
        var term = Nested();
        _depth--;
        return term;
    }

    private Term Nested()
    {
        if (Word("not")) return new Term.Not(One());
        if (Symbol("("))
        {
            var inner = Any();
            return Symbol(")") ? inner : throw Unexpected("')'");
        }

        if (FollowedByParenthesis("exists"))
        {
            Symbol("(");
            SkipSpace();
            var start = _at + 1;
            var path = Value() as Operand.Path ?? throw new ConditionException("exists(…) takes a path such as category.label.", start);
            return Symbol(")") ? new Term.Exists(path) : throw Unexpected("')'");
        }

        var left = Value();
        return Operator() is { } op ? new Term.Compare(left, op, Value()) : new Term.True(left);
    }

    private string? Operator()
    {
        SkipSpace();
        foreach (var op in (ReadOnlySpan<string>)["==", "!=", "<=", ">=", "<>", "<", ">", "="])
        {
            if (!Symbol(op)) continue;
            return op switch
            {
                "=" => throw new ConditionException("'=' does not compare; write '=='.", _at),
                "<>" => throw new ConditionException("write '!=' for unequal.", _at - 1),
                _ => op,
            };
        }

        return null;
    }

    private Operand Value()
    {
        SkipSpace();
        if (_at >= text.Length) throw Unexpected("a value");
        var c = text[_at];
        if (c is '\'' or '"') return new Operand.Literal(Quoted());
        if (char.IsAsciiDigit(c) || c == '-') return new Operand.Literal(Number());
        if (!IsNameStart(c)) throw Unexpected("a value");
        if (Word("true")) return new Operand.Literal(true);
        if (Word("false")) return new Operand.Literal(false);
        foreach (var reserved in (ReadOnlySpan<string>)["and", "or", "not"])
            if (PeekWord(reserved)) throw Unexpected("a value");
        if (PeekWord("null")) throw new ConditionException("there is no null; write 'exists(path)' or 'not exists(path)'.", _at + 1);
        return Path();
    }

    private Operand.Path Path()
    {
        var start = _at;
        var root = new ArtifactId(Name());
        _roots.Add(new Root(root, start));
        List<object> segments = [];
        while (_at < text.Length)
        {
            if (text[_at] == '.')
            {
                _at++;
                segments.Add(Name());
            }
            else if (text[_at] == '[')
            {
                _at++;
                segments.Add(Bracketed());
            }
            else
            {
                break;
            }
        }

        return new Operand.Path(root, segments);
    }

    private object Bracketed()
    {
        SkipSpace();
        if (_at >= text.Length) throw Unexpected("an index or a quoted name");
        object segment;
        if (text[_at] is '\'' or '"')
        {
            segment = Quoted();
        }
        else
        {
            var start = _at;
            while (_at < text.Length && char.IsAsciiDigit(text[_at])) _at++;
            if (_at == start) throw Unexpected("an index or a quoted name");
            if (!int.TryParse(text.AsSpan(start, _at - start), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
                throw new ConditionException("the index is too large.", start + 1);
            segment = index;
        }

        return Symbol("]") ? segment : throw Unexpected("']'");
    }

    private string Name()
    {
        if (_at >= text.Length || !IsNameStart(text[_at])) throw Unexpected("a name");
        var start = _at;
        while (_at < text.Length && IsNamePart(text[_at])) _at++;
        return text[start.._at];
    }

    private double Number()
    {
        var start = _at;
        _at++;
        while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] == '.' || (text[_at] is '+' or '-' && text[_at - 1] is 'e' or 'E')))
            _at++;
        var span = text.AsSpan(start, _at - start);
        const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(span, style, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : throw new ConditionException($"'{span}' is no number.", start + 1);
    }

    private string Quoted()
    {
        var start = _at;
        var quote = text[_at++];
        var value = new StringBuilder();
        while (_at < text.Length && text[_at] != quote)
        {
            if (text[_at] == '\\')
            {
                _at++;
                if (_at >= text.Length) break;
                if (text[_at] is not ('\\' or '\'' or '"')) throw new ConditionException("a backslash stands before a quote or another backslash.", _at);
            }

            value.Append(text[_at++]);
        }

        if (_at >= text.Length) throw new ConditionException("the quoted text never ends.", start + 1);
        _at++;
        return value.ToString();
    }

    private bool Symbol(string symbol)
    {
        SkipSpace();
        if (string.CompareOrdinal(text, _at, symbol, 0, symbol.Length) != 0) return false;
        _at += symbol.Length;
        return true;
    }

    private bool Word(string word)
    {
        if (!PeekWord(word)) return false;
        _at += word.Length;
        return true;
    }

    private bool PeekWord(string word)
    {
        SkipSpace();
        var end = _at + word.Length;
        return string.CompareOrdinal(text, _at, word, 0, word.Length) == 0
            && (end >= text.Length || !(IsNamePart(text[end]) || text[end] is '.' or '['));
    }

    private bool FollowedByParenthesis(string function)
    {
        if (!PeekWord(function)) return false;
        var after = _at + function.Length;
        while (after < text.Length && char.IsWhiteSpace(text[after])) after++;
        if (after >= text.Length || text[after] != '(') return false;
        _at = after;
        return true;
    }

    private void SkipSpace()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at])) _at++;
    }

    private ConditionException Unexpected(string expected)
    {
        SkipSpace();
        if (_at >= text.Length) return new ConditionException($"expected {expected}, but the condition ends here.", text.Length + 1);
        var rest = text.AsSpan(_at);
        var hint = rest.StartsWith("&&") ? "; write 'and'" : rest.StartsWith("||") ? "; write 'or'" : rest[0] == '!' ? "; write 'not'" : "";
        var end = 1;
        if (IsNameStart(rest[0]))
            while (end < rest.Length && IsNamePart(rest[end])) end++;
        return new ConditionException($"expected {expected}, found '{rest[..end]}'{hint}.", _at + 1);
    }

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_';

    private static bool IsNamePart(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-';
}
