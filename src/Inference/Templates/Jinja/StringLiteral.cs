using System.Globalization;
using System.Text;

namespace AgentMesh.Inference.Templates.Jinja;

/// <summary>A quoted string with Python's escapes.</summary>
internal static class StringLiteral
{
    /// <param name="at">At the opening quote; afterwards behind the closing one.</param>
    public static string Read(string source, ref int at, Func<int, string, Exception> error)
    {
        var start = at;
        var quote = source[at++];
        var text = new StringBuilder();
        while (true)
        {
            if (at >= source.Length) throw error(start, $"this string has no end: add {quote}.");
            var c = source[at++];
            if (c == quote) return text.ToString();
            if (c != '\\') text.Append(c);
            else if (at < source.Length) Escape(source, ref at, text, error);
        }
    }

    private static void Escape(string source, ref int at, StringBuilder text, Func<int, string, Exception> error)
    {
        var c = source[at++];
        switch (c)
        {
            case '\n': break;
            case '\\' or '\'' or '"': text.Append(c); break;
            case 'n': text.Append('\n'); break;
            case 't': text.Append('\t'); break;
            case 'r': text.Append('\r'); break;
            case 'a': text.Append('\a'); break;
            case 'b': text.Append('\b'); break;
            case 'f': text.Append('\f'); break;
            case 'v': text.Append('\v'); break;
            case 'x': Hex(source, ref at, 2, text, error); break;
            case 'u': Hex(source, ref at, 4, text, error); break;
            case 'U': Hex(source, ref at, 8, text, error); break;
            case >= '0' and <= '7':
                var value = c - '0';
                for (var i = 0; i < 2 && at < source.Length && source[at] is >= '0' and <= '7'; i++) value = (value * 8) + (source[at++] - '0');
                text.Append((char)value);
                break;
            default: text.Append('\\').Append(c); break;
        }
    }

    private static void Hex(string source, ref int at, int digits, StringBuilder text, Func<int, string, Exception> error)
    {
        if (at + digits > source.Length || !uint.TryParse(source.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, null, out var code) || code > 0x10FFFF)
            throw error(at - 2, $"this escape needs {digits} hexadecimal digits of a character.");
        at += digits;
        if (code > 0xFFFF) text.Append(char.ConvertFromUtf32((int)code));
        else text.Append((char)code);
    }
}
