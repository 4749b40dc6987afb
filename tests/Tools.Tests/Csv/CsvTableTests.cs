using System.Text;
using AgentMesh.Tools.Text;

namespace AgentMesh.Tools.Csv;

public sealed class CsvTableTests
{
    private static CsvTable Parse(string text, string name = "t.csv") => CsvTable.Parse(Encoding.UTF8.GetBytes(text), name);

    [Fact]
    public void Cells_stay_exactly_as_they_are_in_the_file()
    {
        var table = Parse("quarter,revenue,note\r\nQ1, 1234.50 ,\"a \"\"quoted\"\", cell\"\r\nQ2,007,\"two\nlines\"\r\n");
        Assert.Equal(["quarter", "revenue", "note"], table.Columns);
        Assert.Equal(["Q1", " 1234.50 ", "a \"quoted\", cell"], table.Rows[0]);
        Assert.Equal(["Q2", "007", "two\nlines"], table.Rows[1]);
        Assert.Empty(table.Problems);
    }

    [Theory]
    [InlineData("a;b;c\n1,5;2,5;3\n4,5;5,5;6\n", ";", 3)]
    [InlineData("a\tb\n1,0\t2\n", "tab", 2)]
    [InlineData("a|b\n1|2\n", "|", 2)]
    [InlineData("a,b\n\"1;2;3\",4\n", ",", 2)]
    [InlineData("only\n1\n2\n", ",", 1)]
    public void The_delimiter_is_found(string text, string delimiter, int columns)
    {
        var table = Parse(text);
        Assert.Equal(delimiter, table.Delimiter);
        Assert.Equal(columns, table.Columns.Count);
    }

    [Fact]
    public void A_tsv_file_has_tabs_whatever_it_looks_like() => Assert.Equal(["a,b"], Parse("a,b\n1,2\n", "t.tsv").Columns);

    [Fact]
    public void Ragged_rows_are_kept_and_reported_with_their_line()
    {
        var table = Parse("a,b,c\n1,2\n\n\"x\ny\",2,3\n1,2,3,4\n1,2,3,\n");
        Assert.Equal(["a", "b", "c", "column 4"], table.Columns);
        Assert.Equal(["1", "2", null, null], table.Rows[0]);
        Assert.Equal(["1", "2", "3", "4"], table.Rows[2]);
        Assert.Equal(["1", "2", "3", ""], table.Rows[3]);
        Assert.Equal([2, 6], table.Problems.Select(problem => problem.Line));
    }

    [Fact]
    public void Encodings_are_recognised()
    {
        Assert.Equal("é", CsvTable.Parse([0xEF, 0xBB, 0xBF, .. "a\né\n"u8], "t.csv").Rows[0][0]);
        Assert.Equal("a", CsvTable.Parse([0xEF, 0xBB, 0xBF, .. "a\né\n"u8], "t.csv").Columns[0]);
        Assert.Equal("é", CsvTable.Parse([0xFF, 0xFE, .. Encoding.Unicode.GetBytes("a\né\n")], "t.csv").Rows[0][0]);
        var old = CsvTable.Parse(TextDecoder.Windows1252.GetBytes("a\n5 € – é\n"), "t.csv");
        Assert.Equal("5 € – é", old.Rows[0][0]);
        Assert.Contains("windows-1252", old.Problems[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Columns_get_names_that_can_be_cited()
    {
        var table = Parse("a,,a\n1,2,3\n");
        Assert.Equal(["a", "column 2", "a (2)"], table.Columns);
    }

    [Fact]
    public void An_open_quote_is_reported_where_it_began()
    {
        var table = Parse("a,b\n1,2\n3,\"open\n4,5\n");
        Assert.Equal(3, Assert.Single(table.Problems).Line);
        Assert.Equal("open\n4,5\n", table.Rows[1][1]);
    }

    [Fact]
    public void Limits_hold()
    {
        var text = "a\n" + string.Concat(Enumerable.Repeat("1\n", 10));
        var table = CsvTable.Parse(Encoding.UTF8.GetBytes(text), "t.csv", limits: new(MaxRows: 4));
        Assert.Equal(4, table.Rows.Count);
        Assert.True(table.Truncated);
        Assert.Throws<CsvException>(() => CsvTable.Parse(Encoding.UTF8.GetBytes(text), "t.csv", limits: new(MaxBytes: 5)));
        Assert.Throws<CsvException>(() => CsvTable.Parse("a,b,c\n"u8, "t.csv", limits: new(MaxColumns: 2)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n  \n")]
    public void A_file_without_a_header_is_refused(string text) =>
        Assert.Contains("header", Assert.Throws<CsvException>(() => Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Binary_is_refused() => Assert.Contains("not text", Assert.Throws<CsvException>(() => CsvTable.Parse([0, 1, 2, 3], "t.csv")).Message, StringComparison.Ordinal);

    [Fact]
    public async Task The_tool_reads_text_and_files_below_the_root()
    {
        using var folder = new ScratchFolder();
        folder.Write("figures/q1.csv", "month,revenue\nJan,10.50\n");
        var tool = new CsvReadTool(new Files.FilesOptions(folder.Path));
        var table = await tool.Run("""{"path": "figures/q1.csv"}""");
        Assert.Equal("""[["Jan","10.50"]]""", table.GetProperty("rows").GetRawText());
        Assert.Equal("q1.csv", table.Text("name"));
        Assert.Equal("figures/q1.csv", table.Text("source"));

        table = await tool.Run("""{"text": "a;b\n1;2\n", "name": "given.csv"}""");
        Assert.Equal("given.csv", table.Text("source"));
        Assert.Contains("either path or text", (await tool.Fails("{}")).Message, StringComparison.Ordinal);
        Assert.Contains("AGENTMESH_FILES_ROOT", (await new CsvReadTool((Files.FilesOptions?)null).Fails("""{"path": "x.csv"}""")).Message, StringComparison.Ordinal);
    }
}
