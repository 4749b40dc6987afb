namespace AgentMesh.Storage.Tests;

public sealed class StorageOptionsTests
{
    [Fact]
    public void Variables_set_options_and_absent_or_empty_ones_leave_the_defaults()
    {
        var set = new Dictionary<string, string> { ["AGENTMESH_HOME"] = "/h", ["AGENTMESH_POSTGRES"] = "", ["AGENTMESH_JOURNAL_PATIENCE"] = "2.5" };
        Assert.Equal(
            new StorageOptions { Home = "/h", JournalPatience = TimeSpan.FromSeconds(2.5) },
            StorageOptions.FromEnvironment(set.GetValueOrDefault));
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("-1")]
    [InlineData("NaN")]
    public void A_bad_patience_is_named(string value)
    {
        var bad = Assert.Throws<FormatException>(() => StorageOptions.FromEnvironment(name => name == "AGENTMESH_JOURNAL_PATIENCE" ? value : null));
        Assert.Contains(value, bad.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_cannot_be_stored_is_replaced_without_moving_offsets()
    {
        Assert.Equal("plain", StoredText.Clean("plain"));
        Assert.Equal("a\uFFFDb", StoredText.Clean("a\0b"));
        Assert.Equal("\ud83d\udc4d ok", StoredText.Clean("\ud83d\udc4d ok"));
        Assert.Equal("\uFFFD lone \uFFFD", StoredText.Clean("\ud83d lone \udc4d"));
    }
}
