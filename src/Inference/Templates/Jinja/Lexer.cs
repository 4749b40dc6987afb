namespace AgentMesh.Inference.Templates.Jinja;

/// <summary>
/// Cuts a template into tokens, with the whitespace rules under which chat templates are written: a newline after a block is dropped (trim_blocks),
/// whitespace before a block that begins its line is dropped (lstrip_blocks), <c>-</c> drops all whitespace on its side and <c>+</c> keeps it,
/// and one newline at the template's end is dropped.
/// </summary>
internal sealed class Lexer
{
    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private int _at;
    private bool _lineStarts = true;
    private int _placed;
    private int _line = 1;
    private int _lineStart;

    private Lexer(string source) => _source = source;

    public static IReadOnlyList<Token> Read(string template)
    {
        var source = template.Replace("\r\n", "\n").Replace('\r', '\n');
        var lexer = new Lexer(source.EndsWith('\n') ? source[..^1] : source);
        lexer.ReadAll();
        return lexer._tokens;
    }

    private void ReadAll()
    {
        while (_at < _source.Length)
        {
            var tag = NextTag();
            if (tag < 0)
            {
                AddText(_at, _source.Length);
                _at = _source.Length;
                break;
            }

            var kind = _source[tag + 1];
            var sign = tag + 2 < _source.Length ? _source[tag + 2] : '\0';
            AddText(_at, TextEnd(_at, tag, sign, block: kind != '{'));
            var start = tag;
            _at = tag + (sign == '-' || (sign == '+' && kind != '{') ? 3 : 2);
            if (kind == '#') SkipComment(start);
            else if (kind == '%' && TryRaw(start)) continue;
            else ReadTag(start, kind == '{');
        }

        Add(TokenKind.End, "", _source.Length);
    }

    private int NextTag()
    {
        for (var i = _at; (i = _source.IndexOf('{', i)) >= 0 && i + 1 < _source.Length; i++)
            if (_source[i + 1] is '{' or '%' or '#') return i;
        return -1;
    }

    /// <summary>Where the text before a tag ends once whitespace is dropped.</summary>
    private int TextEnd(int start, int end, char sign, bool block)
    {
        if (sign == '-')
        {
            while (end > start && PythonText.IsSpace(_source[end - 1])) end--;
            return end;
        }

        if (!block || sign == '+') return end;
        var newline = end > start ? _source.LastIndexOf('\n', end - 1, end - start) : -1;
        var line = newline < 0 ? start : newline + 1;
        if (newline < 0 && !_lineStarts) return end;
        for (var i = line; i < end; i++)
            if (!PythonText.IsSpace(_source[i])) return end;
        return line;
    }

    private void SkipComment(int start)
    {
        var end = _source.IndexOf("#}", _at, StringComparison.Ordinal);
        if (end < 0) throw At(start, "this comment has no end: add '#}'.");
        var sign = end > _at ? _source[end - 1] : '\0';
        _at = end + 2;
        AfterTag(sign, block: true);
    }

    /// <summary>Text between {% raw %} and {% endraw %} is taken as it is.</summary>
    private bool TryRaw(int start)
    {
        if (Word(_at) is not ("raw", var inside)) return false;
        var minus = inside < _source.Length && _source[inside] == '-';
        if (minus) inside++;
        if (string.CompareOrdinal(_source, inside, "%}", 0, 2) != 0) return false;
        _at = inside + 2;
        _lineStarts = false;
        if (minus) SkipSpace();
        for (var i = _at; (i = _source.IndexOf("{%", i, StringComparison.Ordinal)) >= 0; i += 2)
        {
            var sign = i + 2 < _source.Length ? _source[i + 2] : '\0';
            if (Word(i + (sign is '-' or '+' ? 3 : 2)) is not ("endraw", var after)) continue;
            var closing = after < _source.Length ? _source[after] : '\0';
            if (closing is '-' or '+') after++;
            if (string.CompareOrdinal(_source, after, "%}", 0, 2) != 0) continue;
            AddText(_at, TextEnd(_at, i, sign, block: true));
            _at = after + 2;
            AfterTag(closing, block: true);
            return true;
        }

        throw At(start, "this raw block has no end: add '{% endraw %}'.");
    }

    /// <summary>The word at a place after whitespace, and where the whitespace after it ends.</summary>
    private (string Word, int End) Word(int at)
    {
        while (at < _source.Length && PythonText.IsSpace(_source[at])) at++;
        var start = at;
        while (at < _source.Length && char.IsAsciiLetter(_source[at])) at++;
        var word = _source[start..at];
        while (at < _source.Length && PythonText.IsSpace(_source[at])) at++;
        return (word, at);
    }

    private void ReadTag(int start, bool variable)
    {
        Add(variable ? TokenKind.VariableBegin : TokenKind.BlockBegin, "", start);
        var (close, end) = variable ? ("}}", TokenKind.VariableEnd) : ("%}", TokenKind.BlockEnd);
        var open = new Stack<char>();
        while (true)
        {
            while (_at < _source.Length && PythonText.IsSpace(_source[_at])) _at++;
            if (_at >= _source.Length) throw At(start, $"this tag has no end: add '{close}'.");
            var sign = _source[_at];
            var signed = sign == '-' || (sign == '+' && !variable) ? 1 : 0;
            if (open.Count == 0 && string.CompareOrdinal(_source, _at + signed, close, 0, 2) == 0)
            {
                Add(end, "", _at);
                _at += signed + 2;
                AfterTag(signed == 1 ? sign : '\0', !variable);
                return;
            }

            ReadToken(open);
        }
    }

    private void ReadToken(Stack<char> open)
    {
        var start = _at;
        var c = _source[_at];
        if (c is '\'' or '"') Add(TokenKind.String, StringLiteral.Read(_source, ref _at, At), start);
        else if (char.IsAsciiDigit(c)) ReadNumber(start);
        else if (c == '_' || char.IsLetter(c))
        {
            while (_at < _source.Length && (_source[_at] == '_' || char.IsLetterOrDigit(_source[_at]))) _at++;
            Add(TokenKind.Name, _source[start.._at], start);
        }
        else
        {
            var two = start + 1 < _source.Length ? _source.Substring(start, 2) : "";
            var op = two is "==" or "!=" or "<=" or ">=" or "//" or "**" ? two : c.ToString();
            if (op.Length == 1 && !"+-*/%~<>=.:|,;()[]{}".Contains(c)) throw At(start, $"'{c}' means nothing here.");
            if (c is '(' or '[' or '{') open.Push(c == '(' ? ')' : c == '[' ? ']' : '}');
            else if (c is ')' or ']' or '}' && (open.Count == 0 || open.Pop() != c)) throw At(start, $"'{c}' closes nothing that is open.");
            _at += op.Length;
            Add(TokenKind.Operator, op, start);
        }
    }

    private void ReadNumber(int start)
    {
        void Digits()
        {
            while (_at < _source.Length && (char.IsAsciiDigit(_source[_at]) || (_source[_at] == '_' && _at + 1 < _source.Length && char.IsAsciiDigit(_source[_at + 1])))) _at++;
        }

        Digits();
        var kind = TokenKind.Integer;
        if (_at + 1 < _source.Length && _source[_at] == '.' && char.IsAsciiDigit(_source[_at + 1]) && (start == 0 || _source[start - 1] != '.'))
        {
            kind = TokenKind.Float;
            _at++;
            Digits();
        }

        var exponent = _at + 1;
        if (exponent < _source.Length && _source[_at] is 'e' or 'E')
        {
            if (_source[exponent] is '+' or '-') exponent++;
            if (exponent < _source.Length && char.IsAsciiDigit(_source[exponent]))
            {
                kind = TokenKind.Float;
                _at = exponent;
                Digits();
            }
        }

        Add(kind, _source[start.._at].Replace("_", ""), start);
    }

    private void AfterTag(char sign, bool block)
    {
        if (sign == '-') SkipSpace();
        else if (block && sign != '+' && _at < _source.Length && _source[_at] == '\n') _at++;
        _lineStarts = _source[_at - 1] == '\n';
    }

    private void SkipSpace()
    {
        while (_at < _source.Length && PythonText.IsSpace(_source[_at])) _at++;
    }

    private void AddText(int start, int end)
    {
        if (end > start) Add(TokenKind.Text, _source[start..end], start);
    }

    private void Add(TokenKind kind, string text, int at)
    {
        var (line, column) = Place(at);
        _tokens.Add(new Token(kind, text, line, column));
    }

    private TemplateException At(int at, string problem)
    {
        var (line, column) = Place(at);
        return new TemplateException(problem, line, column);
    }

    /// <summary>Asked in the order of the source, but for errors.</summary>
    private (int Line, int Column) Place(int at)
    {
        if (at < _placed) (_placed, _line, _lineStart) = (0, 1, 0);
        for (; _placed < at; _placed++)
        {
            if (_source[_placed] != '\n') continue;
            _line++;
            _lineStart = _placed + 1;
        }

        return (_line, at - _lineStart + 1);
    }
}
