using System.Text;

namespace AgentMesh.Tools.Mail;

/// <summary>The header block of a message or a part: names without case, unfolded raw values (bytes as Latin-1 characters).</summary>
internal sealed class MailHeaders
{
    private const int MaxFields = 1_000;
    private readonly List<KeyValuePair<string, string>> _fields = [];

    public int Count => _fields.Count;

    /// <summary>The first field of that name, raw; null if absent.</summary>
    public string? this[string name] => _fields.Find(field => field.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>All fields of that name joined with commas, raw; empty if absent.</summary>
    public string All(string name) =>
        string.Join(", ", _fields.Where(field => field.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(field => field.Value));

    /// <summary>Reads fields up to the empty line, and leaves <paramref name="at"/> behind it. A line that is no field ends the block too.</summary>
    public static MailHeaders Read(string raw, ref int at, ICollection<string> warnings)
    {
        var headers = new MailHeaders();
        while (at < raw.Length)
        {
            var start = at;
            var line = NextLine(raw, ref at);
            if (line.Length == 0) return headers;
            if (line.StartsWith("From ", StringComparison.Ordinal) && headers.Count == 0) continue;
            var colon = line.IndexOf(':');
            var name = colon > 0 ? line[..colon].Trim() : "";
            if (!IsFieldName(name))
            {
                warnings.Add("A header line was malformed; the message's text was taken to begin there.");
                at = start;
                return headers;
            }

            var value = new StringBuilder(line[(colon + 1)..]);
            while (at < raw.Length && raw[at] is ' ' or '\t')
            {
                var folded = NextLine(raw, ref at);
                if (string.IsNullOrWhiteSpace(folded)) continue;
                if (value.Length < 100_000) value.Append(' ').Append(folded.Trim());
            }

            if (headers._fields.Count < MaxFields) headers._fields.Add(new(name, value.ToString().Trim()));
        }

        return headers;
    }

    /// <summary>The line at <paramref name="at"/> without its end; any of CRLF, LF and CR ends one.</summary>
    public static string NextLine(string raw, ref int at)
    {
        var end = raw.AsSpan(at).IndexOfAny('\r', '\n');
        var stop = end < 0 ? raw.Length : at + end;
        var line = raw[at..stop];
        at = stop;
        if (at < raw.Length && raw[at] == '\r') at++;
        if (at < raw.Length && raw[at] == '\n') at++;
        return line;
    }

    public static bool IsFieldName(string name) =>
        name.Length is > 0 and <= 76 && name.All(c => c is > ' ' and < '\x7F' and not ':');

    /// <summary>A value like <c>text/plain; charset="utf-8"; name*=UTF-8''a%20b</c>: its first word in lower case, and its parameters (RFC 2231 decoded).</summary>
    public static (string Value, IReadOnlyDictionary<string, string> Parameters) Structured(string? raw)
    {
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (raw is null) return ("", parameters);
        var pieces = SplitOutsideQuotes(raw, ';');
        var continued = new SortedDictionary<string, SortedDictionary<int, (string Text, bool Encoded)>>(StringComparer.OrdinalIgnoreCase);
        foreach (var piece in pieces.Skip(1))
        {
            var equals = piece.IndexOf('=');
            if (equals <= 0) continue;
            var name = piece[..equals].Trim();
            var value = Unquote(piece[(equals + 1)..].Trim());
            var encoded = name.EndsWith('*');
            var parts = name.TrimEnd('*').Split('*');
            if (parts.Length == 2 && int.TryParse(parts[1], out var number) && number is >= 0 and < 100)
            {
                if (!continued.TryGetValue(parts[0], out var chunks)) continued[parts[0]] = chunks = [];
                chunks[number] = (value, encoded);
            }
            else
            {
                parameters.TryAdd(parts[0], encoded ? EncodedWords.DecodeExtended(value) : value);
            }
        }

        foreach (var (name, chunks) in continued)
        {
            var joined = string.Concat(chunks.Values.Select(chunk => chunk.Text));
            parameters.TryAdd(name, chunks.Values.Any(chunk => chunk.Encoded) ? EncodedWords.DecodeExtended(joined) : joined);
        }

        return (pieces[0].Trim().ToLowerInvariant(), parameters);
    }

    private static string Unquote(string text)
    {
        if (text is not ['"', ..]) return text;
        var builder = new StringBuilder();
        for (var i = 1; i < text.Length && text[i] != '"'; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length) i++;
            builder.Append(text[i]);
        }

        return builder.ToString();
    }

    public static List<string> SplitOutsideQuotes(string text, char separator)
    {
        var pieces = new List<string>();
        var (start, quoted, comment) = (0, false, 0);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] == '"' && comment == 0) quoted = !quoted;
            else if (text[i] == '(' && !quoted) comment++;
            else if (text[i] == ')' && !quoted && comment > 0) comment--;
            else if (text[i] == separator && !quoted && comment == 0)
            {
                pieces.Add(text[start..i]);
                start = i + 1;
            }
        }

        pieces.Add(text[start..]);
        return pieces;
    }
}
