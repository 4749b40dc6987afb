using System.Text;
using System.Text.RegularExpressions;
using AgentMesh.Tools.Text;

namespace AgentMesh.Tools.Mail;

/// <summary>Header text to Unicode: RFC 2047 encoded words, RFC 2231 extended values, and raw 8-bit bytes as people's programs send them.</summary>
internal static partial class EncodedWords
{
    /// <param name="raw">Bytes as Latin-1 characters.</param>
    public static string Decode(string raw)
    {
        var text = new StringBuilder();
        var (at, first) = (0, true);
        Encoding? pendingCharset = null;
        var pending = new List<byte>();
        foreach (var match in Word().EnumerateMatches(raw))
        {
            var between = raw[at..match.Index];
            var word = raw.AsSpan(match.Index, match.Length);
            at = match.Index + match.Length;
            var charset = word[2..(2 + word[2..].IndexOf('?'))].ToString().Split('*')[0];
            var rest = word[(2 + word[2..].IndexOf('?') + 1)..^2];
            var bytes = rest[0] is 'b' or 'B' ? TransferDecoding.Base64(rest[2..], out _) : TransferDecoding.QuotedPrintable(rest[2..], header: true);
            var encoding = TextDecoder.Find(charset);
            // White space between two encoded words is none, and a character may be cut between two words of one charset.
            var adjacent = !first && string.IsNullOrWhiteSpace(between);
            if (!adjacent || encoding?.WebName != pendingCharset?.WebName) Flush(text, pending, pendingCharset);
            if (!adjacent) text.Append(Raw(between));
            first = false;
            pending.AddRange(bytes);
            pendingCharset = encoding;
        }

        Flush(text, pending, pendingCharset);
        text.Append(Raw(raw[at..]));
        return Clean(text.ToString());
    }

    /// <summary><c>charset'language'percent-encoded</c>, or plain percent-encoded text.</summary>
    public static string DecodeExtended(string value)
    {
        var parts = value.Split('\'', 3);
        var (charset, data) = parts.Length == 3 ? (parts[0], parts[2]) : ("utf-8", value);
        var bytes = new List<byte>(data.Length);
        for (var i = 0; i < data.Length; i++)
        {
            if (data[i] == '%' && i + 2 < data.Length && byte.TryParse(data.AsSpan(i + 1, 2), System.Globalization.NumberStyles.HexNumber, null, out var value8))
            {
                bytes.Add(value8);
                i += 2;
            }
            else
            {
                bytes.Add((byte)data[i]);
            }
        }

        return Clean(TextDecoder.Decode(bytes.ToArray(), charset).Text);
    }

    private static void Flush(StringBuilder text, List<byte> pending, Encoding? charset)
    {
        if (pending.Count == 0) return;
        text.Append(TextDecoder.Decode(pending.ToArray(), charset?.WebName).Text);
        pending.Clear();
    }

    private static string Raw(string latin1) => latin1.All(char.IsAscii) ? latin1 : TextDecoder.Decode(Encoding.Latin1.GetBytes(latin1), charset: null).Text;

    /// <summary>A header is one line: control characters become spaces.</summary>
    private static string Clean(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).Trim();

    [GeneratedRegex(@"=\?[A-Za-z0-9_.:*-]+\?[bBqQ]\?[^? ]*\?=", RegexOptions.NonBacktracking)]
    private static partial Regex Word();
}
