using System.Text;

namespace AgentMesh.Tools.Files;

public sealed class FileToolsTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly ScratchFolder _outside = new();
    private readonly FilesOptions _options;

    public FileToolsTests()
    {
        _options = new(_folder.Path, MaxFileBytes: 10_000, MaxCharacters: 1_000);
        _folder.Write("notes/refunds.md", "# Refunds\n\nA refund is paid within 14 days.\nIt goes to the card that was charged.\n\n- Annual plans are refunded in part.\n");
        _folder.Write("notes/login.md", "# Login\n\nReset the password by mail.\n");
        _folder.Write("big.txt", new string('x', 10_001));
        _outside.Write("secret.txt", "secret");
    }

    public void Dispose()
    {
        _folder.Dispose();
        _outside.Dispose();
    }

    [Fact]
    public async Task Files_are_listed_with_sizes_in_order()
    {
        var result = await new FilesListTool(_options).Run("""{"pattern": "*.md"}""");
        Assert.Equal(["notes/login.md", "notes/refunds.md"], result.GetProperty("files").EnumerateArray().Select(file => file.Text("path")));
        Assert.Equal(37, result.GetProperty("files")[0].GetProperty("bytes").GetInt64());
        Assert.Contains("is a file", (await new FilesListTool(_options).Fails("""{"path": "big.txt"}""")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_is_read_with_its_place()
    {
        var result = await new FilesReadTool(_options).Run("""{"path": "notes/refunds.md", "offset": 11, "limit": 8}""");
        Assert.Equal("A refund", result.Text("text"));
        Assert.Equal(3, result.GetProperty("line").GetInt32());
        Assert.Equal(19, result.GetProperty("end").GetInt32());
        Assert.True(result.GetProperty("truncated").GetBoolean());
    }

    [Fact]
    public async Task Search_quotes_the_best_places_with_offsets_that_hold()
    {
        var result = await new FilesSearchTool(_options).Run("""{"query": "How long does a REFUND take, in days?", "path": "notes"}""");
        var best = result.GetProperty("findings")[0];
        Assert.Equal("A refund is paid within 14 days.\nIt goes to the card that was charged.", best.Text("quote"));
        Assert.Equal(3, best.GetProperty("line").GetInt32());
        foreach (var finding in result.GetProperty("findings").EnumerateArray())
        {
            var text = await File.ReadAllTextAsync(Path.Combine(_folder.Path, finding.Text("file")), TestContext.Current.CancellationToken);
            Assert.Equal(finding.Text("quote"), text[finding.GetProperty("start").GetInt32()..finding.GetProperty("end").GetInt32()]);
        }

        Assert.Equal(0, (await new FilesSearchTool(_options).Run("""{"query": "zebra"}""")).GetProperty("findings").GetArrayLength());
    }

    [Fact]
    public async Task Search_says_which_files_it_left_out()
    {
        await File.WriteAllBytesAsync(Path.Combine(_folder.Path, "image.png"), [0, 1, 2, 0], TestContext.Current.CancellationToken);
        var result = await new FilesSearchTool(_options).Run("""{"query": "refund"}""");
        Assert.Equal(["big.txt", "image.png"], result.GetProperty("skipped").EnumerateArray().Select(file => file.Text("file")));
        Assert.Equal(2, result.GetProperty("filesSearched").GetInt32());
    }

    [Theory]
    [InlineData("../secret.txt")]
    [InlineData("notes/../../secret.txt")]
    [InlineData("notes/../notes/login.md")]
    [InlineData("..\\\\secret.txt")]
    [InlineData("/etc/passwd")]
    [InlineData("~/secret.txt")]
    [InlineData("a\\u0000b")]
    public async Task Paths_that_climb_or_start_elsewhere_are_refused(string path)
    {
        foreach (var tool in new Agents.ITool[] { new FilesReadTool(_options), new FilesListTool(_options) })
        {
            var exception = await tool.Fails($$"""{"path": "{{path}}"}""");
            Assert.DoesNotContain(_folder.Path, exception.Message, StringComparison.Ordinal);
            Assert.True(exception.Message.Contains("refused", StringComparison.Ordinal) || exception.Message.Contains("path is needed", StringComparison.Ordinal), exception.Message);
        }
    }

    [Fact]
    public async Task Links_out_of_the_root_are_refused_wherever_they_stand()
    {
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "passwd"), "/etc/passwd");
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "relative"), Path.GetRelativePath(_folder.Path, Path.Combine(_outside.Path, "secret.txt")));
        Directory.CreateSymbolicLink(Path.Combine(_folder.Path, "folder"), _outside.Path);
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "hop"), "folder/secret.txt");
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "loop"), "loop");
        var read = new FilesReadTool(_options);
        foreach (var path in new[] { "passwd", "relative", "folder/secret.txt", "hop" })
            Assert.Contains("leads outside", (await read.Fails($$"""{"path": "{{path}}"}""")).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be resolved", (await read.Fails("""{"path": "loop"}""")).Message, StringComparison.Ordinal);
        Assert.Contains("leads outside", (await new FilesListTool(_options).Fails("""{"path": "folder"}""")).Message, StringComparison.Ordinal);

        var listed = (await new FilesListTool(_options).Run("{}")).GetRawText();
        Assert.DoesNotContain("secret", listed, StringComparison.Ordinal);
        Assert.DoesNotContain("passwd", listed, StringComparison.Ordinal);
        Assert.Equal(0, (await new FilesSearchTool(_options).Run("""{"query": "secret root"}""")).GetProperty("findings").GetArrayLength());
    }

    [Fact]
    public async Task Links_within_the_root_work_and_so_does_a_root_that_is_a_link()
    {
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "latest.md"), "notes/login.md");
        Assert.Contains("Login", (await new FilesReadTool(_options).Run("""{"path": "latest.md"}""")).Text("text"), StringComparison.Ordinal);
        var link = Path.Combine(_outside.Path, "root");
        Directory.CreateSymbolicLink(link, _folder.Path);
        Assert.Contains("Login", (await new FilesReadTool(_options with { Root = link }).Run("""{"path": "notes/login.md"}""")).Text("text"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_swapped_in_after_the_check_gains_nothing()
    {
        var scope = new FilesScope(_options)
        {
            BeforeOpen = path =>
            {
                File.Delete(path);
                File.CreateSymbolicLink(path, Path.Combine(_outside.Path, "secret.txt"));
            },
        };
        var exception = Assert.Throws<Agents.ToolException>(() => scope.Read("notes/login.md"));
        Assert.Contains("leads outside", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sibling_whose_name_begins_like_the_root_is_outside()
    {
        var sibling = _folder.Path + "-sibling";
        Directory.CreateDirectory(sibling);
        try
        {
            await File.WriteAllTextAsync(Path.Combine(sibling, "x.txt"), "x", TestContext.Current.CancellationToken);
            Directory.CreateSymbolicLink(Path.Combine(_folder.Path, "s"), sibling);
            Assert.Contains("leads outside", (await new FilesReadTool(_options).Fails("""{"path": "s/x.txt"}""")).Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(sibling, recursive: true);
        }
    }

    [Fact]
    public async Task Binary_large_missing_and_empty_files_are_told_apart()
    {
        await File.WriteAllBytesAsync(Path.Combine(_folder.Path, "image.png"), [0x89, 0x50, 0, 1], TestContext.Current.CancellationToken);
        _folder.Write("empty.txt", "");
        var read = new FilesReadTool(_options);
        Assert.Contains("binary", (await read.Fails("""{"path": "image.png"}""")).Message, StringComparison.Ordinal);
        Assert.Contains("10001 bytes", (await read.Fails("""{"path": "big.txt"}""")).Message, StringComparison.Ordinal);
        Assert.Contains("does not exist", (await read.Fails("""{"path": "none.txt"}""")).Message, StringComparison.Ordinal);
        Assert.Contains("is a folder", (await read.Fails("""{"path": "notes"}""")).Message, StringComparison.Ordinal);
        Assert.Equal("", (await read.Run("""{"path": "empty.txt"}""")).Text("text"));
    }

    [Fact]
    public void Long_paragraphs_are_cut_without_losing_their_place()
    {
        var text = string.Join(' ', Enumerable.Range(0, 400).Select(i => $"word{i}")) + " needle " + new StringBuilder().Insert(0, "😀", 600);
        var search = new FileSearch("needle");
        search.Add("f", text);
        var finding = Assert.Single(search.Best(10));
        Assert.Contains("needle", finding.Quote, StringComparison.Ordinal);
        Assert.Equal(finding.Quote, text[finding.Start..finding.End]);
        Assert.True(finding.Quote.Length <= 400);
    }
}
