using System.Text;

namespace AgentMesh.Tools.Mail;

/// <summary>Address lists of RFC 5322: names in quotes, comments, groups, and what people write instead.</summary>
internal static class MailAddresses
{
    private const int Most = 500;

    /// <param name="raw">Bytes as Latin-1 characters.</param>
    public static IReadOnlyList<MailAddress> Parse(string raw)
    {
        var addresses = new List<MailAddress>();
        // Undisclosed recipients and other groups: the members are what counts.
        foreach (var piece in MailHeaders.SplitOutsideQuotes(raw, ',').SelectMany(piece => MailHeaders.SplitOutsideQuotes(piece, ';')))
        {
            if (addresses.Count == Most) break;
            if (One(piece) is { } address) addresses.Add(address);
        }

        return addresses;
    }

    private static MailAddress? One(string piece)
    {
        var name = new StringBuilder();
        var comment = new StringBuilder();
        string? address = null;
        var (quoted, depth) = (false, 0);
        for (var i = 0; i < piece.Length; i++)
        {
            var c = piece[i];
            if (c == '\\' && i + 1 < piece.Length && (quoted || depth > 0)) (depth > 0 ? comment : name).Append(piece[++i]);
            else if (c == '"' && depth == 0) quoted = !quoted;
            else if (quoted) name.Append(c);
            else if (c == '(') depth++;
            else if (c == ')' && depth > 0) depth--;
            else if (depth > 0) comment.Append(c);
            else if (c == '<' && address is null)
            {
                var end = piece.IndexOf('>', i);
                address = piece[(i + 1)..(end < 0 ? piece.Length : end)].Trim();
                i = end < 0 ? piece.Length : end;
            }
            else if (c == ':' && address is null && !name.ToString().Contains('@', StringComparison.Ordinal)) name.Clear();
            else name.Append(c);
        }

        var text = name.ToString().Trim();
        if (address is null && text.Contains('@', StringComparison.Ordinal) && !text.Contains(' ', StringComparison.Ordinal)) (address, text) = (text, "");
        if (text.Length == 0) text = comment.ToString().Trim();
        if (text.Length == 0 && string.IsNullOrEmpty(address)) return null;
        return new(EncodedWords.Decode(text), EncodedWords.Decode(address ?? ""));
    }
}
