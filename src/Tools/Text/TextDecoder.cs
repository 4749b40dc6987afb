using System.Text;

namespace AgentMesh.Tools.Text;

/// <param name="Encoding">IANA name.</param>
/// <param name="Guessed">True when the bytes were no UTF-8 and named no encoding, so that windows-1252 was assumed.</param>
internal readonly record struct DecodedText(string Text, string Encoding, bool Guessed);

/// <summary>Bytes to text: byte order mark, else strict UTF-8, else windows-1252 (the superset of Latin-1 that people's files are really in).</summary>
internal static class TextDecoder
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static Encoding Windows1252 { get; } = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    /// <summary>Null when the bytes are no text.</summary>
    public static DecodedText? TryDecode(ReadOnlySpan<byte> bytes)
    {
        if (bytes is [0xEF, 0xBB, 0xBF, ..]) bytes = bytes[3..];
        else if (bytes is [0xFF, 0xFE, ..]) return new(Encoding.Unicode.GetString(bytes[2..]), "utf-16le", Guessed: false);
        else if (bytes is [0xFE, 0xFF, ..]) return new(Encoding.BigEndianUnicode.GetString(bytes[2..]), "utf-16be", Guessed: false);

        if (LooksBinary(bytes)) return null;
        return TryUtf8(bytes) is { } text ? new(text, "utf-8", Guessed: false) : new(Windows1252.GetString(bytes), "windows-1252", Guessed: true);
    }

    /// <summary>Decodes as the named charset; where the name is unknown or wrong for the bytes, as good as can be.</summary>
    public static DecodedText Decode(ReadOnlySpan<byte> bytes, string? charset)
    {
        if (bytes is [0xEF, 0xBB, 0xBF, ..]) bytes = bytes[3..];
        var named = Find(charset);
        if (named is not null && named.CodePage is not (65001 or 20127)) return new(named.GetString(bytes), named.WebName, Guessed: false);
        if (TryUtf8(bytes) is { } text) return new(text, "utf-8", Guessed: named is null && charset is not null);
        return new(Windows1252.GetString(bytes), "windows-1252", Guessed: true);
    }

    /// <summary>Null when there is no such charset. Latin-1 means windows-1252, as in browsers.</summary>
    public static Encoding? Find(string? charset)
    {
        if (string.IsNullOrWhiteSpace(charset)) return null;
        var name = charset.Trim().Trim('"', '\'').ToLowerInvariant();
        if (name is "latin1" or "latin-1" or "iso-8859-1" or "iso8859-1" or "ascii" or "cp1252") return name == "ascii" ? Encoding.ASCII : Windows1252;
        if (name is "utf-7") return null;
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static string? TryUtf8(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>A NUL, or more than one control character in thirty among the first 8 kB.</summary>
    private static bool LooksBinary(ReadOnlySpan<byte> bytes)
    {
        var head = bytes[..Math.Min(bytes.Length, 8_192)];
        var controls = 0;
        foreach (var value in head)
        {
            if (value == 0) return true;
            if (value < 0x20 && value is not ((byte)'\t' or (byte)'\n' or (byte)'\r' or 0x0C or 0x1B)) controls++;
        }

        return controls * 30 > head.Length;
    }
}
