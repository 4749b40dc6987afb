using System.Text;
using AgentMesh.Tools.Text;

namespace AgentMesh.Tools.Mail;

/// <summary>What a message's parts amount to: one text, and the list of attachments.</summary>
internal sealed class MimeBody(List<string> warnings)
{
    private const int MaxDepth = 20;
    private const int MaxParts = 500;
    private const int MaxHtml = 2_000_000;
    private readonly StringBuilder _text = new();
    private readonly List<MailAttachment> _attachments = [];
    private int _parts;

    public string Text => _text.ToString();
    public IReadOnlyList<MailAttachment> Attachments => _attachments;

    /// <param name="raw">The part's body, bytes as Latin-1 characters.</param>
    public void Add(MailHeaders headers, string raw, int depth = 0)
    {
        if (++_parts > MaxParts || depth > MaxDepth)
        {
            Warn(depth > MaxDepth ? "Parts are nested too deeply; the innermost were left out." : "There are too many parts; the rest was left out.");
            return;
        }

        var (type, parameters) = MailHeaders.Structured(headers["Content-Type"]);
        if (type.StartsWith("multipart/", StringComparison.Ordinal) && parameters.TryGetValue("boundary", out var boundary) && boundary.Length > 0)
            Multipart(type, boundary, raw, depth);
        else
            Leaf(headers, type, parameters, raw, depth);
    }

    private void Multipart(string type, string boundary, string raw, int depth)
    {
        var parts = Cut(raw, boundary);
        if (parts.Count == 0)
        {
            Warn("A multipart message has no parts; its text was read as it is.");
            Append(TextDecoder.Decode(Encoding.Latin1.GetBytes(raw), charset: null).Text);
            return;
        }

        if (type == "multipart/alternative")
        {
            Alternative(parts, depth);
            return;
        }

        foreach (var (headers, body) in parts) Add(headers, body, depth + 1);
    }

    /// <summary>Plain text where it says something, else the last alternative that does; attachments of all are listed.</summary>
    private void Alternative(List<(MailHeaders Headers, string Body)> parts, int depth)
    {
        var readings = parts.ConvertAll(part =>
        {
            var reading = new MimeBody(warnings) { _parts = _parts };
            reading.Add(part.Headers, part.Body, depth + 1);
            _parts = reading._parts;
            return (Plain: MailHeaders.Structured(part.Headers["Content-Type"]).Value is "text/plain" or "", reading.Text, reading.Attachments);
        });
        var best = readings.Find(reading => reading.Plain && !string.IsNullOrWhiteSpace(reading.Text)).Text
            ?? readings.FindLast(reading => !string.IsNullOrWhiteSpace(reading.Text)).Text ?? "";
        Append(best);
        foreach (var reading in readings) _attachments.AddRange(reading.Attachments);
    }

    private void Leaf(MailHeaders headers, string type, IReadOnlyDictionary<string, string> parameters, string raw, int depth)
    {
        var (disposition, placing) = MailHeaders.Structured(headers["Content-Disposition"]);
        var name = placing.GetValueOrDefault("filename") ?? parameters.GetValueOrDefault("name");
        var bytes = TransferDecoding.Decode(raw, headers["Content-Transfer-Encoding"], out var warning);
        if (warning is not null) Warn(warning);
        var isText = type is "" or "text/plain" or "text/html" || type.StartsWith("text/", StringComparison.Ordinal) && name is null;
        if (type == "message/rfc822" && disposition != "attachment")
        {
            Forwarded(bytes, depth);
        }
        else if (disposition == "attachment" || !isText || name is not null && disposition != "inline")
        {
            _attachments.Add(new(name is null ? $"part-{_attachments.Count + 1}" : EncodedWords.Decode(name), type.Length == 0 ? "application/octet-stream" : type, bytes.Length));
        }
        else
        {
            var decoded = TextDecoder.Decode(bytes, parameters.GetValueOrDefault("charset"));
            if (decoded.Guessed) Warn($"The text's charset ({parameters.GetValueOrDefault("charset") ?? "not named"}) does not fit; it was read as {decoded.Encoding}.");
            Append(type == "text/html" ? Html(decoded.Text) : decoded.Text);
        }
    }

    /// <summary>A message inside this one reads like a forward in the text.</summary>
    private void Forwarded(byte[] bytes, int depth)
    {
        var raw = Encoding.Latin1.GetString(bytes);
        var at = 0;
        var headers = MailHeaders.Read(raw, ref at, warnings);
        var inner = new MimeBody(warnings) { _parts = _parts };
        inner.Add(headers, raw[at..], depth + 1);
        _parts = inner._parts;
        _attachments.AddRange(inner._attachments);
        Append($"---------- Forwarded message ----------\nFrom: {EncodedWords.Decode(headers["From"] ?? "")}\nSubject: {EncodedWords.Decode(headers["Subject"] ?? "")}\n\n{inner.Text}");
    }

    private string Html(string html)
    {
        if (html.Length <= MaxHtml) return HtmlText.Read(html).Text;
        Warn("The HTML text is very large; only its beginning was read.");
        return HtmlText.Read(html[..MaxHtml]).Text;
    }

    private void Append(string text)
    {
        if (string.IsNullOrWhiteSpace(text)) return;
        if (_text.Length > 0) _text.Append("\n\n");
        _text.Append(text);
    }

    private void Warn(string warning)
    {
        if (warnings.Count < 20 && !warnings.Contains(warning)) warnings.Add(warning);
    }

    /// <summary>The parts between the boundary lines; a missing last boundary is forgiven.</summary>
    private List<(MailHeaders Headers, string Body)> Cut(string raw, string boundary)
    {
        var parts = new List<(MailHeaders, string)>();
        var marker = "--" + boundary;
        var start = -1;
        for (var at = 0; at < raw.Length;)
        {
            var lineStart = at;
            var line = MailHeaders.NextLine(raw, ref at);
            if (!line.StartsWith(marker, StringComparison.Ordinal)) continue;
            var tail = line.AsSpan(marker.Length).Trim();
            if (tail.Length > 0 && !tail.SequenceEqual("--")) continue;
            if (start >= 0) Take(start, lineStart);
            start = at;
            if (tail.Length > 0) return parts;
            if (parts.Count >= MaxParts) break;
        }

        if (start >= 0)
        {
            Warn("The last boundary of a multipart message is missing.");
            Take(start, raw.Length);
        }

        return parts;

        void Take(int from, int to)
        {
            // The line end before a boundary belongs to the boundary.
            if (to > from && raw[to - 1] == '\n') to--;
            if (to > from && raw[to - 1] == '\r') to--;
            var part = raw[from..to];
            var at = 0;
            parts.Add((MailHeaders.Read(part, ref at, warnings), part[at..]));
        }
    }
}
