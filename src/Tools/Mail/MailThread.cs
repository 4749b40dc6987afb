using System.Text;
using System.Text.RegularExpressions;

namespace AgentMesh.Tools.Mail;

/// <summary>
/// Cuts a mail's text into the newest message and the older thread. Whole-line separators (forwarded, original message, Outlook's header block) end
/// the newest message; "&gt;" lines are the thread wherever they stand, so that answers between quotes stay in the newest message.
/// </summary>
internal static partial class MailThread
{
    /// <param name="SignatureStart">Offset in <paramref name="Text"/>; null if none was recognised.</param>
    public readonly record struct Parts(string Text, string? Quoted, int? SignatureStart);

    public static Parts Split(string body)
    {
        var lines = body.ReplaceLineEndings("\n").Split('\n');
        var newest = new List<string>();
        var older = new List<string>();
        var at = 0;
        for (; at < lines.Length; at++)
        {
            if (IsSeparator(lines, at)) break;
            if (AttributionLength(lines, at) is > 0 and var length)
            {
                older.AddRange(lines[at..(at + length)]);
                at += length - 1;
                // Without "> " marks the rest of the mail is the quote.
                if (!QuoteFollows(lines, at + 1)) { at++; break; }
            }
            else
            {
                (IsQuote(lines[at]) ? older : newest).Add(lines[at]);
            }
        }

        older.AddRange(lines[Math.Min(at, lines.Length)..]);
        var text = Tidy(newest);
        var quoted = Tidy(older);
        // A bare forward: what was forwarded is what the sender wants read.
        if (text.Length == 0 && quoted.Length > 0) return Forwarded(quoted);
        return new(text, quoted.Length == 0 ? null : quoted, SignatureStart(text));
    }

    private static Parts Forwarded(string quoted)
    {
        var lines = quoted.Split('\n');
        if (lines.All(line => line.Length == 0 || IsQuote(line))) lines = [.. lines.Select(Unquote)];
        var at = 0;
        while (at < lines.Length && (lines[at].Length == 0 || IsSeparator(lines, at) || AttributionLength(lines, at) > 0 || HeaderLine().IsMatch(lines[at]))) at++;
        var (inner, head) = (string.Join('\n', lines[at..]), string.Join('\n', lines[..at]));
        if (string.IsNullOrWhiteSpace(inner)) return new(quoted, null, null);
        var parts = at == 0 ? new Parts(Tidy(lines), null, null) : Split(inner);
        return parts with { Quoted = Tidy([head, parts.Quoted ?? ""]) is { Length: > 0 } rest ? rest : null };
    }

    private static bool IsQuote(string line) => line.StartsWith('>') || line.StartsWith(" >", StringComparison.Ordinal);

    private static string Unquote(string line)
    {
        var start = 0;
        while (start < line.Length && line[start] is '>' or ' ' && start < 40) start++;
        return line.Contains('>', StringComparison.Ordinal) && line[..start].Contains('>', StringComparison.Ordinal) ? line[start..] : line;
    }

    private static bool IsSeparator(string[] lines, int at)
    {
        var line = Unquote(lines[at]).Trim();
        if (line.Length is 0 or > 300) return false;
        if (Separator().IsMatch(line)) return true;
        if (Underscores().IsMatch(line)) return at + 1 < lines.Length && StartsHeaderBlock(lines, at + 1);
        return StartsHeaderBlock(lines, at);
    }

    /// <summary>Outlook quotes with "From: … / Sent: … / To: … / Subject: …" and no mark.</summary>
    private static bool StartsHeaderBlock(string[] lines, int at)
    {
        if (!FromLine().IsMatch(Unquote(lines[at]))) return false;
        var headers = 1;
        for (var i = at + 1; i < lines.Length && i <= at + 6; i++)
            if (HeaderLine().IsMatch(Unquote(lines[i]))) headers++;
        return headers >= 3;
    }

    /// <summary>Lines of an "On … wrote:" that starts here; 0 if none does. Programs wrap it over up to three lines.</summary>
    private static int AttributionLength(string[] lines, int at)
    {
        if (!AttributionStart().IsMatch(Unquote(lines[at]))) return 0;
        var joined = new StringBuilder();
        for (var length = 1; length <= 3 && at + length <= lines.Length; length++)
        {
            joined.Append(Unquote(lines[at + length - 1]).Trim()).Append(' ');
            if (joined.Length > 400) return 0;
            if (Attribution().IsMatch(joined.ToString().TrimEnd())) return length;
        }

        return 0;
    }

    private static bool QuoteFollows(string[] lines, int at)
    {
        while (at < lines.Length && string.IsNullOrWhiteSpace(lines[at])) at++;
        return at < lines.Length && IsQuote(lines[at]);
    }

    /// <summary>The "-- " line, or a closing phrase near the end.</summary>
    private static int? SignatureStart(string text)
    {
        var offset = text.Length;
        var lines = text.Split('\n');
        int? found = null;
        for (var i = lines.Length - 1; i > 0; i--)
        {
            offset = i == lines.Length - 1 ? text.Length - lines[i].Length : offset - lines[i].Length - 1;
            if (lines[i].TrimEnd() is "--" or "—") return offset;
            if (lines.Length - i <= 12 && Closing().IsMatch(lines[i].Trim())) found = offset;
        }

        return found;
    }

    private static string Tidy(IEnumerable<string> lines)
    {
        var text = string.Join('\n', lines.Select(line => line.TrimEnd())).Trim('\n', ' ', '\t', '\r');
        return BlankRuns().Replace(text, "\n\n");
    }

    [GeneratedRegex(@"^-{2,}\s*(original message|forwarded message|forwarded by .*|ursprüngliche nachricht|weitergeleitete nachricht|message d'origine|message transféré|mensaje original)\s*-{2,}$|^begin forwarded message:$|^-{5,}\s*forwarded message\s*-*$", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Separator();

    [GeneratedRegex(@"^_{10,}$", RegexOptions.NonBacktracking)]
    private static partial Regex Underscores();

    [GeneratedRegex(@"^\s*\*?(from|von|de|da)\s?:\*? ", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex FromLine();

    [GeneratedRegex(@"^\s*\*?(from|sent|date|to|cc|subject|reply-to|von|gesendet|datum|an|betreff|de|envoyé|à|objet|para|enviado|asunto)\s?:\*?( |$)", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex HeaderLine();

    [GeneratedRegex(@"^\s*(on|am|le|el)\s.*\d", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex AttributionStart();

    [GeneratedRegex(@"^(on .+ wrote ?:|am .+ schrieb.*:|le .+ a écrit ?:|el .+ escribió ?:)$", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Attribution();

    [GeneratedRegex(@"^((many |kind |best |warm )?(thanks|thank you|regards|wishes|cheers)( again| so much| and regards| in advance)?|best|sincerely|yours( sincerely| truly| faithfully)?|sent from my .+|get outlook for .+)\s*[,.!]?$", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Closing();

    [GeneratedRegex(@"\n{3,}", RegexOptions.NonBacktracking)]
    private static partial Regex BlankRuns();
}
