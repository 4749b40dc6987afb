using System.Text.RegularExpressions;
using AgentMesh.Agents.Rules.Text;

namespace AgentMesh.Agents.Rules.Support;

/// <summary>The name of the person who writes.</summary>
/// <param name="Where">Its place in the text; null when it comes from the From header.</param>
internal sealed partial record SenderName(string Name, Span? Where)
{
    public static SenderName? Of(MailText mail)
    {
        var header = FromHeader(mail.FromName);
        var introduced = Introduced(mail);
        var signed = Signed(mail);

        // People sign with the name they go by; a header may belong to whoever's desk it was.
        if (signed is not null && mail.SignatureStart < mail.BodyEnd && Parts(signed.Name) > 1 && Full(signed.Name)) return signed;

        // A header that is a mailbox or a first name only is completed by what the person wrote.
        foreach (var written in (IEnumerable<SenderName?>)[introduced, signed])
        {
            if (written is null) continue;
            if (header is null) { if (Parts(written.Name) > 1) return written; continue; }
            if (Parts(header) > 1 && Full(header)) continue;
            if (Parts(written.Name) > 1 && SharesFirstName(header, written.Name)) return written;
        }
        if (header is not null) return new SenderName(header, Find(mail, header));
        return introduced ?? signed ?? FromAddress(mail.FromAddress);
    }

    private static int Parts(string name) => name.Split(' ').Length;

    /// <summary>"Danny K." and "D. Kowalczyk" are short for something.</summary>
    private static bool Full(string name) => name.Split(' ')[0].TrimEnd('.').Length > 1 && name.Split(' ')[^1].TrimEnd('.').Length > 1;

    /// <summary>"Danny" and "Daniel", or "D." and "Danny": the same beginning is enough.</summary>
    private static bool SharesFirstName(string a, string b) => char.ToUpperInvariant(a[0]) == char.ToUpperInvariant(b[0]);

    private static string? FromHeader(string raw)
    {
        var name = Bracketed().Replace(raw, " ").Trim().Trim('"', '\'').Trim();
        var via = name.IndexOf(" via ", StringComparison.OrdinalIgnoreCase);
        if (via > 0) name = name[..via];
        var comma = name.IndexOf(',', StringComparison.Ordinal);
        if (comma > 0 && !Company().IsMatch(name[comma..])) name = $"{name[(comma + 1)..].Trim()} {name[..comma].Trim()}";
        name = Titles().Replace(string.Join(' ', name.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), "").Trim();
        if (name.Length < 2 || name.Contains('@', StringComparison.Ordinal) || name.Any(char.IsAsciiDigit) || Mailbox().IsMatch(name) || Parts(name) > 5) return null;
        return Cased(name);
    }

    private static SenderName? Introduced(MailText mail)
    {
        foreach (var sentence in mail.Sentences)
        {
            var match = Introduction().Match(mail.Text, sentence.Start, sentence.End - sentence.Start);
            if (!match.Success) continue;
            var group = match.Groups["name"];
            if (!Mailbox().IsMatch(group.Value) && !NotAName().IsMatch(group.Value)) return new SenderName(Cased(group.Value), new Span(group.Index, group.Index + group.Length));
        }
        return null;
    }

    /// <summary>The first line under the sign-off, or the text's short last line, that looks like a name.</summary>
    private static SenderName? Signed(MailText mail)
    {
        var inSignature = mail.SignatureStart < mail.BodyEnd;
        var start = inSignature ? mail.SignatureStart : Math.Max(0, mail.Text[..mail.BodyEnd].TrimEnd().LastIndexOf('\n'));
        foreach (Match line in Line().Matches(mail.Text[..mail.BodyEnd], start))
        {
            var match = NameLine().Match(line.Value);
            if (!match.Success) continue;
            var group = match.Groups["name"];
            if (Mailbox().IsMatch(group.Value) || NotAName().IsMatch(group.Value)) continue;
            var at = line.Index + group.Index;
            return new SenderName(Cased(group.Value.Trim()), new Span(at, at + group.Length));
        }
        return null;
    }

    /// <summary><c>dana.whitfield@…</c> says the name when nothing else does.</summary>
    private static SenderName? FromAddress(string address)
    {
        var match = NameAddress().Match(address);
        if (!match.Success) return null;
        var name = $"{match.Groups["first"].Value} {match.Groups["last"].Value}";
        return Mailbox().IsMatch(name) ? null : new SenderName(Cased(name), null);
    }

    private static Span? Find(MailText mail, string name)
    {
        var at = mail.Text.IndexOf(name, 0, mail.BodyEnd, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? null : new Span(at, at + name.Length);
    }

    private static string Cased(string name) =>
        name.Any(char.IsLower) && name.Any(char.IsUpper) ? name
            : string.Join(' ', name.Split(' ').Select(part => part.Length == 0 ? part : char.ToUpperInvariant(part[0]) + part[1..].ToLowerInvariant()));

    private const RegexOptions Options = RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant;

    [GeneratedRegex(@"\(.*?\)|\[.*?\]|<.*?>", Options, 1000)]
    private static partial Regex Bracketed();

    [GeneratedRegex(@"\b(inc|ltd|llc|gmbh|ag|bv|corp|co)\b", Options | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Company();

    [GeneratedRegex(@"^(mr|mrs|ms|dr|prof)\.?\s+|,?\s+(phd|md|jr|sr)\.?$", Options | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Titles();

    /// <summary>Names of functions and firms, not of people.</summary>
    [GeneratedRegex(@"\b(support|team|accounts?|accounting|accounts payable|billing|finance|info|office|admin|administrator|sales|it|helpdesk|help desk|desk|service|services|no-?reply|noreply|postmaster|mailer|notifications?|purchasing|procurement|payable|hr|ops|operations|contact|hello|mail|webmaster|reception|frontdesk|manager|department|dept|inc|ltd|llc|gmbh|bv|corp|company|group|bakery|studio|shop|labs|systems|solutions|iphone|android|mobile|outlook|user)\b", Options | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Mailbox();

    [GeneratedRegex(@"\b(thanks|thank|regards|best|cheers|sent|from|hi|hello|dear|please|kind|warm|greetings|the|and|you|your|our|we|is|with|on|in|for|not|a|having|trying|writing|sorry|still|getting)\b", Options | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex NotAName();

    [GeneratedRegex(@"\b([Tt]his is|[Mm]y name is|[Ii](['’]m| am)|[Hh]ere is|name['’]?s|[Hh]i,? it['’]?s)\s+(?<name>\p{Lu}[\p{L}'’.-]+(\s+(van|von|de|der|den|da|di|le|la|al|el|bin|ter))*(\s+\p{Lu}[\p{L}'’.-]*\p{L})?)(?=\s*(,|\.|\(|—|–|-|$|\n|from\b|at\b|with\b|of\b|and\b|here\b|again\b|over\b|in\b|writing\b|speaking\b))", Options, 1000)]
    private static partial Regex Introduction();

    [GeneratedRegex(@"[^\n]+", Options, 1000)]
    private static partial Regex Line();

    [GeneratedRegex(@"^\s*[~*_/—–-]*\s*((thanks|thank you|regards|best|cheers|br|thx|rgds|greetings),?\s+)?(?<name>\p{Lu}[\p{L}'’-]*\.?(\s+(van|von|de|der|den|da|di|le|la|al|el|bin|ter))*(\s+\p{Lu}[\p{L}'’.-]*){0,3})\s*[*_/~]*\s*(,\s.*|\(.*\)|\|.*|[-–—]\s.*|/.*)?\s*$", Options | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex NameLine();

    [GeneratedRegex(@"^(?<first>\p{L}{2,})[._-](?<last>\p{L}{2,})@", Options, 1000)]
    private static partial Regex NameAddress();
}
