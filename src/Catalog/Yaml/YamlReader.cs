using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace AgentMesh.Catalog.Yaml;

/// <summary>Reads one YAML document into nodes. Aliases, tags and merge keys are refused, so a file is never larger in memory than on disk.</summary>
internal static class YamlReader
{
    public const int MaxCharacters = 256 * 1024;
    private const int MaxDepth = 32;

    /// <returns>Null when the text is no such document; the bag says why.</returns>
    public static YamlNode? Read(string text, DiagnosticBag bag)
    {
        if (text.Length > MaxCharacters)
        {
            bag.Error(1, 1, $"The file has {text.Length:N0} characters; at most {MaxCharacters:N0} are read.");
            return null;
        }

        var scanner = new Scanner(new StringReader(text), skipComments: true);
        try
        {
            var parser = new Parser(scanner);
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _))
            {
                bag.Error(1, 1, "The file is empty.");
                return null;
            }

            parser.Consume<DocumentStart>();
            var root = Node(parser, bag, 1);
            if (root is null) return null;
            parser.Consume<DocumentEnd>();
            if (parser.Accept<DocumentStart>(out var second))
            {
                bag.Error((int)second.Start.Line, (int)second.Start.Column, "A file holds one document; move what follows '---' to its own file.");
                return null;
            }

            return root;
        }
        catch (YamlException e)
        {
            var (line, column) = ((int)Math.Max(1, e.Start.Line), (int)Math.Max(1, e.Start.Column));
            if (Tab(text, line) is { } tab) bag.Error(tab.Line, tab.Column, "A tab cannot indent YAML; use spaces.");
            else bag.Error(line, column, $"This is no YAML: {Reason(e)}");
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            // On some broken texts the scanner stumbles over its own state instead of saying what is wrong.
            bag.Error((int)Math.Max(1, scanner.CurrentPosition.Line), (int)Math.Max(1, scanner.CurrentPosition.Column), "This is no YAML: nothing after this place can be read.");
            return null;
        }
    }

    private static YamlNode? Node(Parser parser, DiagnosticBag bag, int depth)
    {
        var at = parser.Current!.Start;
        var (line, column) = ((int)at.Line, (int)at.Column);
        if (depth > MaxDepth) return Refuse($"The file is nested deeper than {MaxDepth}.");
        if (parser.Accept<AnchorAlias>(out _)) return Refuse("Aliases (*name) are not supported; write the value out.");
        if (parser.Current is NodeEvent { Anchor.IsEmpty: false }) return Refuse("Anchors (&name) are not supported; write the value out where it is needed.");
        if (parser.Current is NodeEvent { Tag: { IsEmpty: false, IsNonSpecific: false } }) return Refuse("Tags (!name) are not supported; leave the tag away.");

        if (parser.TryConsume<Scalar>(out var scalar))
            return new YamlScalar(scalar.Value, scalar.Style == ScalarStyle.Plain, line, column);

        if (parser.TryConsume<SequenceStart>(out _))
        {
            List<YamlNode> items = [];
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                if (Node(parser, bag, depth + 1) is not { } item) return null;
                items.Add(item);
            }

            return new YamlList(items, line, column);
        }

        parser.Consume<MappingStart>();
        List<(YamlScalar, YamlNode)> entries = [];
        HashSet<string> keys = new(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (Node(parser, bag, depth + 1) is not { } node) return null;
            if (node is not YamlScalar key)
            {
                bag.Error(node.Line, node.Column, $"A key is a word, not {node.Describe()}.");
                return null;
            }

            if (Node(parser, bag, depth + 1) is not { } value) return null;
            if (keys.Add(key.Text)) entries.Add((key, value));
            else bag.Error(key.Line, key.Column, $"The key '{key.Text}' is there twice; keep one.");
        }

        return new YamlMap(entries, line, column);

        YamlNode? Refuse(string message)
        {
            bag.Error(line, column, message);
            return null;
        }
    }

    // The scanner's own words for a tab are about tokens.
    private static (int Line, int Column)? Tab(string text, int near)
    {
        var lines = text.Split('\n');
        for (var line = Math.Max(1, near - 1); line <= Math.Min(lines.Length, near + 1); line++)
        {
            var indent = lines[line - 1].AsSpan();
            indent = indent[..^indent.TrimStart().Length];
            if (indent.Contains('\t')) return (line, indent.IndexOf('\t') + 1);
        }

        return null;
    }

    private static string Reason(YamlException e)
    {
        var message = e.Message.TrimEnd('.');
        return $"{char.ToLowerInvariant(message[0])}{message[1..]}.";
    }
}
