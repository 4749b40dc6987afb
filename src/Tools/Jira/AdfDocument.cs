using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AgentMesh.Tools.Jira;

/// <summary>
/// Markdown-like text as an Atlassian Document: paragraphs, headings, bullet and numbered lists, code blocks, quotes; links, bold and code within lines.
/// What it does not understand stays as text. Jira refuses empty text nodes and code marks beside others, so neither is ever written.
/// </summary>
internal static partial class AdfDocument
{
    /// <summary>Jira refuses longer descriptions; its limit is 32,767 characters of the stored document.</summary>
    private const int MaxCharacters = 30_000;

    public static JsonObject From(string markdown)
    {
        var text = markdown.ReplaceLineEndings("\n");
        if (text.Length > MaxCharacters) text = text[..(char.IsHighSurrogate(text[MaxCharacters - 1]) ? MaxCharacters - 1 : MaxCharacters)] + "\n\n(The text was longer and is cut here.)";
        var lines = text.Split('\n');
        var content = new JsonArray();
        for (var at = 0; at < lines.Length;)
        {
            var before = at;
            if (Block(lines, ref at) is { } node) content.Add((JsonNode)node);
            if (at == before) at++;
        }

        if (content.Count == 0) content.Add((JsonNode)new JsonObject { ["type"] = "paragraph", ["content"] = new JsonArray() });
        return new() { ["type"] = "doc", ["version"] = 1, ["content"] = content };
    }

    private static JsonObject? Block(string[] lines, ref int at)
    {
        var line = lines[at];
        if (string.IsNullOrWhiteSpace(line)) return null;
        if (Fence().Match(line) is { Success: true } fence) return Code(lines, ref at, fence.Groups["language"].Value);
        if (Heading().Match(line) is { Success: true } heading)
        {
            at++;
            return Node("heading", Inline(heading.Groups["text"].Value), new() { ["level"] = heading.Groups["marks"].Length });
        }

        if (Bullet().IsMatch(line)) return List("bulletList", Bullet(), lines, ref at);
        if (Numbered().IsMatch(line)) return List("orderedList", Numbered(), lines, ref at);
        if (line.StartsWith('>'))
        {
            var quoted = new List<string>();
            for (; at < lines.Length && lines[at].StartsWith('>'); at++) quoted.Add(lines[at].TrimStart('>', ' '));
            return Paragraph(quoted) is { } paragraph ? Node("blockquote", new JsonArray(paragraph)) : null;
        }

        var plain = new List<string>();
        while (at < lines.Length && !string.IsNullOrWhiteSpace(lines[at]) && !StartsBlock(lines[at])) plain.Add(lines[at++]);
        return Paragraph(plain);
    }

    private static bool StartsBlock(string line) =>
        line.StartsWith('>') || Fence().IsMatch(line) || Heading().IsMatch(line) || Bullet().IsMatch(line) || Numbered().IsMatch(line);

    private static JsonObject Code(string[] lines, ref int at, string language)
    {
        var code = new List<string>();
        for (at++; at < lines.Length && !lines[at].TrimEnd().Equals("```", StringComparison.Ordinal); at++) code.Add(Clean(lines[at].Replace("\t", "    ", StringComparison.Ordinal)));
        at++;
        var text = string.Join('\n', code);
        var content = text.Length == 0 ? [] : new JsonArray(new JsonObject { ["type"] = "text", ["text"] = text });
        return Node("codeBlock", content, language.Length > 0 ? new() { ["language"] = language } : null);
    }

    private static JsonObject List(string type, Regex marker, string[] lines, ref int at)
    {
        var items = new JsonArray();
        while (at < lines.Length && marker.Match(lines[at]) is { Success: true } match)
        {
            var item = new List<string> { match.Groups["text"].Value };
            for (at++; at < lines.Length && lines[at].StartsWith("  ", StringComparison.Ordinal) && !StartsBlock(lines[at]) && !string.IsNullOrWhiteSpace(lines[at]); at++) item.Add(lines[at].Trim());
            var paragraph = Paragraph(item) ?? new JsonObject { ["type"] = "paragraph", ["content"] = new JsonArray() };
            items.Add((JsonNode)Node("listItem", new JsonArray(paragraph)));
        }

        return Node(type, items);
    }

    /// <summary>Line ends within a paragraph are kept. Null when there is no text.</summary>
    private static JsonObject? Paragraph(List<string> lines)
    {
        var content = new JsonArray();
        foreach (var line in lines)
        {
            var inline = Inline(line.Trim());
            if (inline.Count == 0) continue;
            if (content.Count > 0) content.Add((JsonNode)new JsonObject { ["type"] = "hardBreak" });
            foreach (var node in inline.ToList())
            {
                inline.Remove(node);
                content.Add(node);
            }
        }

        return content.Count == 0 ? null : Node("paragraph", content);
    }

    private static JsonArray Inline(string text)
    {
        var nodes = new JsonArray();
        var at = 0;
        foreach (Match match in Marked().Matches(text))
        {
            Add(nodes, text[at..match.Index]);
            at = match.Index + match.Length;
            if (match.Groups["code"] is { Success: true } code) Add(nodes, code.Value, Mark("code"));
            else if (match.Groups["bold"] is { Success: true } bold) Add(nodes, bold.Value, Mark("strong"));
            else if (match.Groups["label"] is { Success: true } label) Add(nodes, label.Value, Link(match.Groups["target"].Value));
            else if (match.Groups["url"] is { Success: true } url) Bare(nodes, url.Value);
        }

        Add(nodes, text[at..]);
        return nodes;
    }

    /// <summary>Punctuation behind an address belongs to the sentence.</summary>
    private static void Bare(JsonArray nodes, string url)
    {
        var address = url.TrimEnd('.', ',', ';', ':', '!', '?', ')', ']');
        Add(nodes, address, Link(address));
        Add(nodes, url[address.Length..]);
    }

    private static void Add(JsonArray nodes, string text, JsonObject? mark = null)
    {
        var clean = Clean(text);
        if (clean.Length == 0) return;
        var node = new JsonObject { ["type"] = "text", ["text"] = clean };
        if (mark is not null) node["marks"] = new JsonArray(mark);
        nodes.Add((JsonNode)node);
    }

    /// <summary>Control characters are refused by Jira.</summary>
    private static string Clean(string text)
    {
        if (!text.Any(char.IsControl)) return text;
        var builder = new StringBuilder(text.Length);
        foreach (var c in text)
            if (!char.IsControl(c)) builder.Append(c);
            else if (c == '\t') builder.Append(' ');
        return builder.ToString();
    }

    private static JsonObject Mark(string type) => new() { ["type"] = type };

    private static JsonObject? Link(string target) =>
        Uri.TryCreate(target, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" or "mailto"
            ? new() { ["type"] = "link", ["attrs"] = new JsonObject { ["href"] = uri.AbsoluteUri } }
            : null;

    private static JsonObject Node(string type, JsonArray content, JsonObject? attributes = null)
    {
        var node = new JsonObject { ["type"] = type, ["content"] = content };
        if (attributes is not null) node["attrs"] = attributes;
        return node;
    }

    [GeneratedRegex(@"^```(?<language>[A-Za-z0-9+#-]*)\s*$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^(?<marks>#{1,6}) +(?<text>.*\S)\s*#*$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^ {0,3}[-*•] +(?<text>.+)$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Bullet();

    [GeneratedRegex(@"^ {0,3}[0-9]{1,4}[.)] +(?<text>.+)$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Numbered();

    [GeneratedRegex(@"`(?<code>[^`]+)`|\*\*(?<bold>[^*]+)\*\*|\[(?<label>[^\[\]]+)\]\((?<target>[^()\s]+)\)|(?<url>https?://[^\s<>""]+)", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Marked();
}
