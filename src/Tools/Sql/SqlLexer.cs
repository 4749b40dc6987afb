namespace AgentMesh.Tools.Sql;

internal enum SqlTokenKind
{
    /// <summary>A keyword or unquoted name, in lower case.</summary>
    Word,

    /// <summary>A quoted name, unescaped.</summary>
    QuotedName,
    Text,
    Number,
    Parameter,

    /// <summary>One character of an operator or punctuation.</summary>
    Symbol,
}

internal readonly record struct SqlToken(SqlTokenKind Kind, string Text, int At)
{
    public bool Is(char symbol) => Kind == SqlTokenKind.Symbol && Text[0] == symbol;
}

/// <summary>A statement that is not run, in one sentence.</summary>
internal sealed class SqlRefusedException(string message) : Exception(message);

/// <summary>
/// Cuts PostgreSQL's SQL into tokens exactly enough to tell names from text: nested comments, E'' escapes, dollar quotes, quoted names. What it cannot
/// tell for certain (unterminated quotes, U&amp; names) it refuses, because a reader that guesses differently from the server protects nothing.
/// Assumes <c>standard_conforming_strings = on</c>, which the tool sets.
/// </summary>
internal static class SqlLexer
{
    public static List<SqlToken> Read(string sql)
    {
        var tokens = new List<SqlToken>();
        for (var at = 0; at < sql.Length;)
        {
            var c = sql[at];
            if (c == '\0') throw new SqlRefusedException("The statement holds a NUL character.");
            // Only what the server takes for white space; it takes a no-break space for a letter.
            if (c is ' ' or '\t' or '\n' or '\r' or '\f' or '\v') at++;
            else if (At(sql, at, "--")) at = LineEnd(sql, at);
            else if (At(sql, at, "/*")) at = Comment(sql, at);
            else if (c == '\'') at = Quoted(sql, at, at, backslashes: false, SqlTokenKind.Text, tokens);
            else if (c == '"') at = Quoted(sql, at, at, backslashes: false, SqlTokenKind.QuotedName, tokens);
            else if (c == '$') at = Dollar(sql, at, tokens);
            else if (IsNameStart(c)) at = Name(sql, at, tokens);
            else if (char.IsAsciiDigit(c)) at = Number(sql, at, tokens);
            else tokens.Add(new(SqlTokenKind.Symbol, sql[at].ToString(), at++));
        }

        return tokens;
    }

    private static int Name(string sql, int at, List<SqlToken> tokens)
    {
        var end = at + 1;
        while (end < sql.Length && (IsNameStart(sql[end]) || char.IsAsciiDigit(sql[end]) || sql[end] == '$')) end++;
        var word = sql[at..end].ToLowerInvariant();
        if (end < sql.Length && sql[end] == '\'' && word is "e" or "b" or "x" or "n") return Quoted(sql, end, at, backslashes: word == "e", SqlTokenKind.Text, tokens);
        if (word == "u" && end + 1 < sql.Length && sql[end] == '&' && sql[end + 1] is '"' or '\'')
            throw new SqlRefusedException("Names and text with U& escapes are refused; write them plainly.");
        tokens.Add(new(SqlTokenKind.Word, word, at));
        return end;
    }

    private static int Quoted(string sql, int open, int start, bool backslashes, SqlTokenKind kind, List<SqlToken> tokens)
    {
        var quote = sql[open];
        // The server joins texts on successive lines and reads the second by the escapes of the first.
        if (quote == '\'' && tokens.Count > 0 && tokens[^1].Kind == SqlTokenKind.Text) throw new SqlRefusedException("Two texts stand side by side; join them with ||.");
        var text = new System.Text.StringBuilder();
        for (var at = open + 1; at < sql.Length; at++)
        {
            if (backslashes && sql[at] == '\\')
            {
                at++;
            }
            else if (sql[at] == quote)
            {
                if (at + 1 < sql.Length && sql[at + 1] == quote) at++;
                else
                {
                    tokens.Add(new(kind, text.ToString(), start));
                    return at + 1;
                }
            }

            if (at < sql.Length) text.Append(sql[at]);
        }

        throw new SqlRefusedException($"The quote at position {open + 1} is never closed.");
    }

    /// <summary>A parameter like $1, or text between dollar quotes.</summary>
    private static int Dollar(string sql, int at, List<SqlToken> tokens)
    {
        var end = at + 1;
        if (end < sql.Length && char.IsAsciiDigit(sql[end]))
        {
            while (end < sql.Length && char.IsAsciiDigit(sql[end])) end++;
            tokens.Add(new(SqlTokenKind.Parameter, sql[(at + 1)..end], at));
            return end;
        }

        while (end < sql.Length && (IsNameStart(sql[end]) || char.IsAsciiDigit(sql[end]))) end++;
        if (end >= sql.Length || sql[end] != '$') throw new SqlRefusedException($"The dollar sign at position {at + 1} begins neither a parameter nor quoted text.");
        var tag = sql[at..(end + 1)];
        var close = sql.IndexOf(tag, end + 1, StringComparison.Ordinal);
        if (close < 0) throw new SqlRefusedException($"The quote {tag} at position {at + 1} is never closed.");
        tokens.Add(new(SqlTokenKind.Text, sql[(end + 1)..close], at));
        return close + tag.Length;
    }

    private static int Number(string sql, int at, List<SqlToken> tokens)
    {
        var end = at;
        while (end < sql.Length && (char.IsAsciiDigit(sql[end]) || sql[end] is '.')) end++;
        if (end + 1 < sql.Length && sql[end] is 'e' or 'E' && (char.IsAsciiDigit(sql[end + 1]) || sql[end + 1] is '+' or '-'))
            for (end += 2; end < sql.Length && char.IsAsciiDigit(sql[end]);) end++;
        // Versions of the server differ in where a number like 0x1f or 12abc ends.
        if (end < sql.Length && IsNameStart(sql[end])) throw new SqlRefusedException($"Write a space behind the number at position {at + 1}.");
        tokens.Add(new(SqlTokenKind.Number, sql[at..end], at));
        return end;
    }

    private static int Comment(string sql, int at)
    {
        var depth = 0;
        for (var i = at; i < sql.Length - 1; i++)
        {
            if (At(sql, i, "/*"))
            {
                depth++;
                i++;
            }
            else if (At(sql, i, "*/"))
            {
                i++;
                if (--depth == 0) return i + 1;
            }
        }

        throw new SqlRefusedException($"The comment at position {at + 1} is never closed.");
    }

    private static int LineEnd(string sql, int at)
    {
        var end = sql.AsSpan(at).IndexOfAny('\r', '\n');
        return end < 0 ? sql.Length : at + end;
    }

    private static bool At(string sql, int at, string text) => string.CompareOrdinal(sql, at, text, 0, text.Length) == 0;

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_' || c >= '\x80';
}
