using System.Text;
using AgentMesh.Agents;

namespace AgentMesh.Tools.Mail;

public sealed class AttachmentReaderTests
{
    private readonly AttachmentReader _reader = new();

    private AttachmentContent Read(string name, string text) => _reader.Read(name, Encoding.UTF8.GetBytes(text));

    [Fact]
    public void A_mail_becomes_an_email()
    {
        var content = Read("a.eml", "From: Ann <ann@example.com>\nTo: b@example.com\nSubject: s\nDate: Mon, 3 Nov 2025 10:00:00 +0000\n\nHello\n\n> old");
        Assert.Equal("email", content.Kind);
        Assert.Equal(
            """{"from":{"name":"Ann","address":"ann@example.com"},"to":["b@example.com"],"subject":"s","date":"2025-11-03T10:00:00\u002B00:00","text":"Hello","quoted":"\u003E old","attachments":[]}""",
            content.Value.GetRawText());
        Assert.Equal("message/rfc822", content.MediaType);
        Assert.Empty(content.Warnings);
    }

    [Fact]
    public void Text_that_starts_with_headers_is_mail_whatever_it_is_called() =>
        Assert.Equal("email", Read("mail.txt", "From: ann@example.com\nSubject: s\n\nHello").Kind);

    [Theory]
    [InlineData("notes.txt", "text/plain")]
    [InlineData("notes.md", "text/markdown")]
    [InlineData("app.log", "text/plain")]
    [InlineData("data.json", "application/json")]
    [InlineData("no-extension", "text/plain")]
    public void Text_becomes_a_document(string name, string mediaType)
    {
        var content = Read(name, "{\"Note\": \"that this is text\"}");
        Assert.Equal("document", content.Kind);
        Assert.Equal("{\"Note\": \"that this is text\"}", content.Value.Text("text"));
        Assert.Equal(name, content.Value.Text("name"));
        Assert.Equal(mediaType, content.MediaType);
    }

    [Fact]
    public void A_page_becomes_its_text() => Assert.Equal("Hi\nthere", Read("p.html", "<body>Hi<br>there<script>x</script></body>").Value.Text("text"));

    [Fact]
    public void Broken_json_is_text_with_a_warning() => Assert.Contains("not valid JSON", Assert.Single(Read("x.json", "{\"a\":1,\"a\":2}").Warnings), StringComparison.Ordinal);

    [Fact]
    public void A_table_becomes_a_table()
    {
        var content = Read("figures/q.csv", "a;b\n1;2\n3\n");
        Assert.Equal("table", content.Kind);
        Assert.Equal("""{"name":"figures/q.csv","columns":["a","b"],"rows":[["1","2"],["3",null]],"source":"figures/q.csv"}""", content.Value.GetRawText());
        Assert.StartsWith("Line 3:", Assert.Single(content.Warnings), StringComparison.Ordinal);
    }

    public static TheoryData<string, byte[], string> Unreadable() => new()
    {
        { "a.eml", [], "a.eml is empty" },
        { "a.txt", [0, 1, 2, 3], "a.txt is not text" },
        { "a.pdf", [.. "%PDF-1.4 hello"u8], "a.pdf is not text" },
        { "a.csv", [0x50, 0x4B, 3, 4, 0, 0], "a.csv is not text" },
        { "a.eml", [0x50, 0x4B, 3, 4, 0, 0], "a.eml is not an email" },
        { "a.eml", [.. "   \n\n"u8], "a.eml holds no message" },
        { "a.txt", [.. " \n "u8], "a.txt holds no text" },
    };

    [Theory]
    [MemberData(nameof(Unreadable))]
    public void What_cannot_be_read_is_said_in_one_sentence(string name, byte[] bytes, string message)
    {
        var exception = Assert.Throws<UnreadableAttachmentException>(() => _reader.Read(name, bytes));
        Assert.StartsWith(message, exception.Message, StringComparison.Ordinal);
        Assert.Equal(name, exception.Name);
    }

    [Fact]
    public void A_huge_mail_is_refused_before_it_is_looked_at() =>
        Assert.Equal("big.eml has 50.0 MB; at most 25 MB are read.", Assert.Throws<UnreadableAttachmentException>(() => _reader.Read("big.eml", new byte[50_000_000])).Message);
}
