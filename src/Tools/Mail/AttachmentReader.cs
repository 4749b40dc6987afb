using System.Globalization;
using System.Text.Json;
using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Tools.Csv;
using AgentMesh.Tools.Text;

namespace AgentMesh.Tools.Mail;

internal sealed record DocumentValue(string Name, string Text);
internal sealed record TableValue(string Name, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string?>> Rows, string Source);

/// <summary>Mail, tables and text documents to the artifact kinds <c>email</c>, <c>table</c> and <c>document</c>.</summary>
public sealed class AttachmentReader : IAttachmentReader
{
    public const int MaxBytes = 25_000_000;

    public AttachmentContent Read(string name, ReadOnlyMemory<byte> content)
    {
        var bytes = content.Span;
        var extension = Path.GetExtension(name).ToLowerInvariant();
        if (bytes.IsEmpty) throw Unreadable(name, "is empty; attach the file again.");
        if (bytes.Length > MaxBytes)
            throw Unreadable(name, string.Create(CultureInfo.InvariantCulture, $"has {bytes.Length / 1_000_000.0:0.0} MB; at most 25 MB are read."));
        if (extension == ".eml") return Email(name, bytes);
        if (extension is ".csv" or ".tsv") return Table(name, bytes, extension);
        if (IsMarkedBinary(bytes) || TextDecoder.TryDecode(bytes) is not { } decoded)
            throw Unreadable(name, "is not text; attach mail (.eml), a table (.csv, .tsv) or text (.txt, .md, .json, .html, .log).");
        return extension is not (".md" or ".json" or ".html" or ".htm" or ".log") && EmlParser.LooksLikeMail(bytes) ? Email(name, bytes) : Document(name, extension, decoded);
    }

    private static AttachmentContent Email(string name, ReadOnlySpan<byte> bytes)
    {
        if (IsMarkedBinary(bytes) || bytes[..Math.Min(bytes.Length, 8_192)].Contains((byte)0)) throw Unreadable(name, "is not an email but binary data; save the message as .eml.");
        var mail = EmlParser.Parse(bytes);
        if (mail is { From.Address.Length: 0, Subject.Length: 0, Text.Length: 0, Attachments.Count: 0 }) throw Unreadable(name, "holds no message; save the message as .eml.");
        return new("email", JsonSerializer.SerializeToElement(mail, ToolJson.Default.MailMessage), "message/rfc822", mail.Warnings);
    }

    private static AttachmentContent Table(string name, ReadOnlySpan<byte> bytes, string extension)
    {
        try
        {
            var table = CsvTable.Parse(bytes, name);
            var warnings = table.Problems.Select(problem => $"Line {problem.Line}: {problem.Message}").ToList();
            if (table.Truncated) warnings.Add($"Only the first {table.Rows.Count} rows were read.");
            var value = new TableValue(name, table.Columns, table.Rows, name);
            return new("table", JsonSerializer.SerializeToElement(value, ToolJson.Default.TableValue), extension == ".tsv" ? "text/tab-separated-values" : "text/csv", warnings);
        }
        catch (CsvException exception)
        {
            throw new UnreadableAttachmentException(name, exception.Message, exception);
        }
    }

    private static AttachmentContent Document(string name, string extension, DecodedText decoded)
    {
        var warnings = new List<string>();
        if (decoded.Guessed) warnings.Add($"The text is not UTF-8; it was read as {decoded.Encoding}.");
        if (string.IsNullOrWhiteSpace(decoded.Text)) throw Unreadable(name, "holds no text; attach the file again.");
        var text = extension is ".html" or ".htm" ? HtmlText.Read(decoded.Text).Text : decoded.Text;
        if (extension == ".json") CheckJson(decoded.Text, warnings);
        var mediaType = extension switch
        {
            ".md" => "text/markdown",
            ".json" => "application/json",
            ".html" or ".htm" => "text/html",
            _ => "text/plain",
        };
        return new("document", JsonSerializer.SerializeToElement(new(name, text), ToolJson.Default.DocumentValue), mediaType, warnings);
    }

    private static void CheckJson(string text, List<string> warnings)
    {
        try
        {
            MeshJson.Parse(text);
        }
        catch (JsonException exception)
        {
            warnings.Add($"The file is not valid JSON ({exception.Message}); it was read as text.");
        }
    }

    /// <summary>Formats that begin with printable text.</summary>
    private static bool IsMarkedBinary(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith("%PDF-"u8) || bytes.StartsWith("PK\u0003\u0004"u8) || bytes.StartsWith("{\\rtf"u8) || bytes.StartsWith("GIF8"u8);

    private static UnreadableAttachmentException Unreadable(string name, string what) => new(name, $"{(name.Length == 0 ? "The attachment" : name)} {what}");
}
