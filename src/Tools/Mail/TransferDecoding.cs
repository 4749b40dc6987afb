using System.Globalization;
using System.Text;

namespace AgentMesh.Tools.Mail;

/// <summary>Content-Transfer-Encodings, forgivingly: what does not fit is kept or skipped, never thrown.</summary>
internal static class TransferDecoding
{
    /// <param name="body">Bytes as Latin-1 characters.</param>
    public static byte[] Decode(string body, string? encoding, out string? warning)
    {
        warning = null;
        switch (encoding?.Trim().ToLowerInvariant())
        {
            case "base64":
                var bytes = Base64(body, out var clean);
                if (!clean) warning = "A part's base64 is damaged; what could be decoded was read.";
                return bytes;
            case "quoted-printable":
                return QuotedPrintable(body, header: false);
            case null or "" or "7bit" or "8bit" or "binary":
                return Encoding.Latin1.GetBytes(body);
            default:
                warning = $"The transfer encoding '{encoding}' is unknown; the part was read as it is.";
                return Encoding.Latin1.GetBytes(body);
        }
    }

    /// <param name="clean">False when there were characters that base64 has not, or a cut group.</param>
    public static byte[] Base64(ReadOnlySpan<char> text, out bool clean)
    {
        var bytes = new List<byte>(text.Length * 3 / 4);
        var (group, bits) = (0, 0);
        clean = true;
        foreach (var c in text)
        {
            var value = c switch
            {
                >= 'A' and <= 'Z' => c - 'A',
                >= 'a' and <= 'z' => c - 'a' + 26,
                >= '0' and <= '9' => c - '0' + 52,
                '+' or '-' => 62,
                '/' or '_' => 63,
                _ => -1,
            };
            if (value < 0)
            {
                clean &= c == '=' || char.IsWhiteSpace(c);
                continue;
            }

            group = (group << 6 | value) & 0xFFFFFF;
            bits += 6;
            if (bits < 8) continue;
            bits -= 8;
            bytes.Add((byte)(group >> bits));
        }

        clean &= bits < 6;
        return [.. bytes];
    }

    /// <param name="header">The Q encoding of header words, where an underscore is a space.</param>
    public static byte[] QuotedPrintable(ReadOnlySpan<char> text, bool header)
    {
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '=' && i + 2 < text.Length && byte.TryParse(text.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            {
                bytes.Add(value);
                i += 2;
            }
            else if (c == '=' && SoftBreak(text, i, out var behind))
            {
                i = behind - 1;
            }
            else
            {
                bytes.Add((byte)(header && c == '_' ? ' ' : c));
            }
        }

        return [.. bytes];
    }

    /// <summary>An equals sign, blanks, and the end of the line or of the text.</summary>
    private static bool SoftBreak(ReadOnlySpan<char> text, int at, out int behind)
    {
        behind = at + 1;
        while (behind < text.Length && text[behind] is ' ' or '\t') behind++;
        if (behind >= text.Length) return true;
        if (text[behind] is not ('\r' or '\n')) return false;
        if (text[behind] == '\r') behind++;
        if (behind < text.Length && text[behind] == '\n') behind++;
        return true;
    }
}
