using System.Text.Json;
using System.Text.RegularExpressions;

namespace AgentMesh.Agents.Rules.Text;

/// <summary>An email (or a plain document) as the rules read it: what the sender wrote apart from signature, quoted thread and instructions to machines.</summary>
internal sealed partial class MailText
{
    private const int LongestSignature = 250;

    private MailText(JsonElement value)
    {
        var from = value.Property("from");
        FromName = from?.Text("name") ?? "";
        FromAddress = from?.Text("address") ?? "";
        Subject = (value.Text("subject") ?? value.Text("name") ?? "").Trim();
        Text = value.Text("text") ?? "";
        Quoted = value.Text("quoted") ?? "";
        BodyEnd = EndOfNewest(Text);
        SignatureStart = FindSignature(Text, BodyEnd);
        (Sentences, Hostile) = Split(Text, 0, SignatureStart);
        var below = Split(Text, SignatureStart, BodyEnd);
        Hostile = [.. Hostile, .. below.Hostile];
        var postscript = Postscript().Match(Text, SignatureStart, BodyEnd - SignatureStart);
        if (postscript.Success) Sentences = [.. Sentences, .. below.Own.Where(sentence => sentence.Start >= postscript.Index)];
    }

    public static MailText Read(JsonElement value) => new(value);

    public string FromName { get; }
    public string FromAddress { get; }
    public string Subject { get; }

    /// <summary>The newest message; all offsets refer to it.</summary>
    public string Text { get; }
    public string Quoted { get; }

    /// <summary>Where the newest message ends and a quoted thread begins, if one was left in the text.</summary>
    public int BodyEnd { get; }
    public int SignatureStart { get; }

    /// <summary>The sender's own sentences, instructions to machines left out.</summary>
    public IReadOnlyList<Span> Sentences { get; }

    /// <summary>Sentences that try to steer whoever processes the mail.</summary>
    public IReadOnlyList<Span> Hostile { get; }

    public string Own => string.Join(' ', Sentences.Select(span => span.In(Text)));

    /// <summary>The thread below, without instructions to machines.</summary>
    public string OwnQuoted => string.Join(' ', Split(Quoted, 0, Quoted.Length).Own.Select(span => span.In(Quoted)));

    public string PlainSubject => SubjectPrefix().Replace(Subject, "").Trim();

    /// <summary>An instruction taints the rest of its paragraph: what follows it usually carries it on.</summary>
    private static (IReadOnlyList<Span> Own, IReadOnlyList<Span> Hostile) Split(string text, int start, int end)
    {
        var own = new List<Span>();
        var hostile = new List<Span>();
        var taintedUntil = -1;
        foreach (var within in Rules.Text.Sentences.Of(text[start..end]))
        {
            var sentence = new Span(start + within.Start, start + within.End);
            if (sentence.Start < taintedUntil || Lexicon.Default.IsInstruction(sentence.In(text)))
            {
                hostile.Add(sentence);
                if (sentence.Start >= taintedUntil)
                {
                    var paragraph = ParagraphEnd().Match(text, sentence.End);
                    taintedUntil = paragraph.Success ? paragraph.Index : text.Length;
                }
            }
            else if (text[sentence.Start] != '>') own.Add(sentence);
        }
        return (own, hostile);
    }

    private static int EndOfNewest(string text)
    {
        var match = ThreadStart().Match(text);
        return match.Success ? match.Index : text.Length;
    }

    private static int FindSignature(string text, int end)
    {
        var dashes = DashLine().Match(text, 0, end);
        if (dashes.Success) end = dashes.Index;
        foreach (Match match in SignOff().Matches(text))
            if (match.Index < end && (end - match.Index < LongestSignature || NameFollows().IsMatch(text, match.Index + match.Length))) return match.Index;
        return end;
    }

    [GeneratedRegex(@"^\s*((re|aw|fwd?|wg)\s*:\s*|\[[^\]]{1,30}\]\s*)+", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex SubjectPrefix();

    /// <summary>A short line that begins with a capital, and an end or a break behind it.</summary>
    [GeneratedRegex(@"\G\s*\n\s*\p{Lu}[\p{L}'’. -]{1,40}[ \t]*(\r?\n|$)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NameFollows();

    [GeneratedRegex(@"^[ \t]*P\.? ?S\.?[ \t:.,)-]", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Postscript();

    [GeneratedRegex(@"\n[ \t\r]*\n", RegexOptions.NonBacktracking)]
    private static partial Regex ParagraphEnd();

    [GeneratedRegex(@"^(On .{5,120} wrote:|-{2,} ?(Original|Forwarded) [Mm]essage ?-{2,}|From: .+\r?\nSent: |>.*\r?\n>)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ThreadStart();

    [GeneratedRegex(@"^(-- ?|_{5,}|—)\r?$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DashLine();

    [GeneratedRegex(@"^[ \t]*((many |kind |warm |best |with (kind |best )?)?(regards|wishes|thanks)|thank you|thanks( (so much|a lot|in advance|again|very much))?|thx|ta|cheers|best|sincerely|yours( (sincerely|faithfully|truly))?|rgds|br|sent from my [^\n]{2,30})[ \t]*[,.!–-]*[ \t]*\r?$",
        RegexOptions.Multiline | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SignOff();
}
