using System.Text;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace AgentMesh.Tools.Text;

/// <param name="Title">Empty when the page has none.</param>
internal readonly record struct HtmlContent(string Title, string Text);

/// <summary>
/// What a reader of the page would see, as plain text: blocks on their own lines, list items with dashes, cells apart, link targets in parentheses,
/// quoted mail as "> " lines. Scripts, styles and hidden elements are left out: text that a person cannot see must not speak to an agent.
/// </summary>
internal static class HtmlText
{
    /// <summary>Deeper markup is flattened: it is no page that a person wrote.</summary>
    private const int MaxDepth = 400;

    public static HtmlContent Read(string html)
    {
        using var document = new HtmlParser(new HtmlParserOptions { IsScripting = false }).ParseDocument(html);
        var writer = new Writer();
        if (document.Body is { } body) Walk(body, writer);
        return new(Collapse(document.Title ?? ""), writer.ToString());
    }

    /// <summary>Walks without recursion, so that hostile nesting cannot exhaust the stack.</summary>
    private static void Walk(IElement root, Writer writer)
    {
        var stack = new Stack<(INode Node, int Depth, bool Leaving)>();
        stack.Push((root, 0, false));
        while (stack.TryPop(out var item))
        {
            if (item.Leaving)
            {
                Leave((IElement)item.Node, writer);
                continue;
            }

            if (item.Node is IText text)
            {
                writer.Text(text.Data, preserve: text.ParentElement?.LocalName is "pre" or "textarea");
            }
            else if (item.Node is IElement element && !HiddenText.IsHidden(element))
            {
                Enter(element, writer);
                stack.Push((element, item.Depth, true));
                if (item.Depth >= MaxDepth)
                {
                    writer.Text(element.TextContent, preserve: false);
                    continue;
                }

                // By index: a sibling's sibling is found by counting.
                for (var i = element.ChildNodes.Length - 1; i >= 0; i--) stack.Push((element.ChildNodes[i], item.Depth + 1, false));
            }
        }
    }

    private static void Enter(IElement element, Writer writer)
    {
        switch (element.LocalName)
        {
            case "br": writer.Line(); break;
            case "hr": writer.Line(); writer.Text("---", preserve: false); writer.Line(); break;
            case "li": writer.Line(); writer.Text("- ", preserve: true); break;
            case "td" or "th" when element.PreviousElementSibling is not null: writer.Text(" | ", preserve: true); break;
            case "blockquote": writer.Paragraph(); writer.Quote++; break;
            case "img" when element.GetAttribute("alt") is { Length: > 0 } alt: writer.Text($"[{Collapse(alt)}]", preserve: false); break;
            case "p" or "h1" or "h2" or "h3" or "h4" or "h5" or "h6" or "table" or "ul" or "ol" or "pre": writer.Paragraph(); break;
            case var name when IsBlock(name): writer.Line(); break;
        }
    }

    private static void Leave(IElement element, Writer writer)
    {
        switch (element.LocalName)
        {
            case "a" when Target(element) is { } target: writer.Text($" ({target})", preserve: true); break;
            case "blockquote": writer.Paragraph(); writer.Quote--; break;
            case "p" or "h1" or "h2" or "h3" or "h4" or "h5" or "h6" or "table" or "ul" or "ol" or "pre": writer.Paragraph(); break;
            case "li": writer.Line(); break;
            case var name when IsBlock(name): writer.Line(); break;
        }
    }

    private static bool IsBlock(string name) => name is
        "div" or "section" or "article" or "header" or "footer" or "main" or "nav" or "aside" or "form" or "fieldset" or "address" or "figure"
        or "figcaption" or "dl" or "dt" or "dd" or "tr" or "caption" or "thead" or "tbody" or "details" or "summary" or "center" or "body";

    private static string? Target(IElement link)
    {
        var href = link.GetAttribute("href");
        if (href is null || !(href.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || href.StartsWith("https://", StringComparison.OrdinalIgnoreCase))) return null;
        return href.Length <= 500 && !link.TextContent.Contains(href, StringComparison.OrdinalIgnoreCase) ? href : null;
    }

    private static string Collapse(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Collects lines; white space collapses as on a page.</summary>
    private sealed class Writer
    {
        private readonly StringBuilder _text = new();
        private readonly StringBuilder _line = new();
        private bool _blankWanted;
        private int _lastQuote;

        public int Quote { get; set; }

        public void Text(string text, bool preserve)
        {
            foreach (var c in text)
            {
                if (preserve && c == '\n') Line();
                else if (preserve && c == ' ') _line.Append(' ');
                else if (!char.IsWhiteSpace(c)) _line.Append(c);
                else if (_line.Length > 0 && _line[^1] != ' ') _line.Append(' ');
            }
        }

        public void Line()
        {
            var line = _line.ToString().TrimEnd();
            _line.Clear();
            if (line.Length == 0) return;
            var prefix = Quote > 0 ? string.Concat(Enumerable.Repeat("> ", Math.Min(Quote, 20))) : "";
            // A blank line between a quote and what surrounds it belongs to neither.
            if (_blankWanted && _text.Length > 0) _text.Append(Quote == _lastQuote ? prefix.TrimEnd() : "").Append('\n');
            _blankWanted = false;
            _lastQuote = Quote;
            _text.Append(prefix).Append(line).Append('\n');
        }

        public void Paragraph()
        {
            Line();
            _blankWanted = true;
        }

        public override string ToString()
        {
            Line();
            return _text.ToString().TrimEnd('\n');
        }
    }
}
