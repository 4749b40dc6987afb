using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace AgentMesh.Tools.Mail;

/// <summary>
/// Reads a message in Internet Message Format (RFC 5322, MIME). Real mail is often malformed: whatever can be read is, and warnings say what was odd.
/// </summary>
public static partial class EmlParser
{
    public static MailMessage Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes is [0xEF, 0xBB, 0xBF, ..]) bytes = bytes[3..];
        var warnings = new List<string>();
        // One character per byte: structure is ASCII, and every part names its own charset.
        var raw = Encoding.Latin1.GetString(bytes);
        var at = 0;
        while (at < raw.Length && raw[at] is '\r' or '\n') at++;
        var headers = MailHeaders.Read(raw, ref at, warnings);
        if (headers.Count == 0) warnings.Add("The message has no headers.");

        var body = new MimeBody(warnings);
        body.Add(headers, raw[at..]);
        var parts = MailThread.Split(body.Text);
        if (parts.Text.Length == 0) warnings.Add("The message has no text.");

        var from = MailAddresses.Parse(headers["From"] ?? headers["Sender"] ?? headers["Reply-To"] ?? "");
        if (from.Count == 0) warnings.Add("The message does not say who sent it.");
        return new(
            from.Count > 0 ? from[0] : new("", ""),
            [.. MailAddresses.Parse(headers.All("To")).Select(address => address.ToString())],
            EncodedWords.Decode(headers["Subject"] ?? ""),
            Date(headers["Date"], warnings),
            parts.Text,
            parts.Quoted,
            body.Attachments)
        {
            SignatureStart = parts.SignatureStart,
            Warnings = warnings,
        };
    }

    /// <summary>True for text whose first lines are mail headers, From or Subject among them.</summary>
    public static bool LooksLikeMail(ReadOnlySpan<byte> bytes)
    {
        var raw = Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, 8_192)]).TrimStart('\u00EF', '\u00BB', '\u00BF');
        var at = 0;
        var headers = MailHeaders.Read(raw, ref at, []);
        var known = Telling.Count(name => headers[name] is not null);
        return known >= 2 && (headers["From"] ?? headers["Subject"]) is not null;
    }

    private static readonly string[] Telling = ["From", "To", "Subject", "Date", "Message-ID", "Received", "MIME-Version"];

    private static string? Date(string? raw, List<string> warnings)
    {
        if (raw is null) return null;
        var text = Comment().Replace(raw, " ").Trim();
        if (text.IndexOf(',', StringComparison.Ordinal) is > 0 and < 12 and var comma) text = text[(comma + 1)..].Trim();
        text = Zone().Replace(text, zone => zone.Value.Trim().ToUpperInvariant() switch
        {
            "EST" => " -05:00", "EDT" => " -04:00", "CST" => " -06:00", "CDT" => " -05:00", "MST" => " -07:00", "MDT" => " -06:00", "PST" => " -08:00", "PDT" => " -07:00",
            "CET" => " +01:00", "CEST" => " +02:00", "GMT" or "UT" or "UTC" or "Z" => " +00:00",
            var offset when offset[0] is '+' or '-' => $" {offset[..3]}:{offset[3..]}",
            _ => "",
        });
        text = string.Join(' ', text.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        foreach (var format in Formats)
        {
            if (!DateTimeOffset.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)) continue;
            return date.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture);
        }

        warnings.Add("The date is not readable.");
        return null;
    }

    private static readonly string[] Formats =
    [
        "d MMM yyyy H:m:s zzz", "d MMM yyyy H:m zzz", "d MMM yyyy H:m:s", "d MMM yyyy H:m", "d MMM yy H:m:s zzz", "d MMM yy H:m zzz",
        "yyyy-MM-ddTHH:mm:sK", "yyyy-MM-dd HH:mm:ss zzz", "yyyy-MM-dd H:m:s", "yyyy-MM-dd H:m", "yyyy-MM-dd",
    ];

    [GeneratedRegex(@"\([^()]*\)", RegexOptions.NonBacktracking)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\s(?:[+-]\d{4}|[A-Za-z]{1,4})$", RegexOptions.NonBacktracking)]
    private static partial Regex Zone();
}
