using AgentMesh.Storage.Knowledge;

namespace AgentMesh.Storage.Tests;

public sealed class PassagesTests
{
    [Fact]
    public void Any_text_is_cut_in_order_without_overlap_and_loses_no_word()
    {
        string[] parts = ["word", " ", "  ", "\n", "\r\n", "\n\n", "# Heading\n", "### Deep\n", ". ", "é", "👩‍🔬", "#notaheading", "\t", new string('x', 950), "A sentence of some length that goes on. "];
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var text = string.Concat(Enumerable.Range(0, random.Next(300)).Select(_ => parts[random.Next(parts.Length)]));
            var end = 0;
            foreach (var stretch in Passages.Cut(text))
            {
                Assert.True(stretch.Start >= end && stretch.End > stretch.Start, $"seed {seed}");
                Assert.True(string.IsNullOrWhiteSpace(text[end..stretch.Start]), $"seed {seed}: lost '{text[end..stretch.Start]}'");
                Assert.True(stretch.End - stretch.Start <= 900, $"seed {seed}: {stretch.End - stretch.Start} characters");
                Assert.False(char.IsLowSurrogate(text[stretch.Start]), $"seed {seed}");
                Assert.False(char.IsWhiteSpace(text[stretch.Start]) || char.IsWhiteSpace(text[stretch.End - 1]), $"seed {seed}");
                end = stretch.End;
            }
            Assert.True(string.IsNullOrWhiteSpace(text[end..]), $"seed {seed}: lost the end '{text[end..]}'");
        }
    }

    [Fact]
    public void Long_sections_are_cut_at_sentences_and_know_their_headings()
    {
        var text = "# Title\n\n## Outer\n\n### Inner\n\n" + string.Join(' ', Enumerable.Range(0, 40).Select(n => $"This is sentence number {n} of the section."));
        var stretches = Passages.Cut(text);
        Assert.InRange(stretches.Count, 2, 4);
        Assert.All(stretches, s => Assert.EndsWith(".", text[s.Start..s.End], StringComparison.Ordinal));
        Assert.Equal("Outer > Inner", stretches[^1].Headings);
    }

    [Theory]
    [InlineData("# The title\n\ntext", "a.md", "The title")]
    [InlineData("no heading here", "folder/some-file_name.md", "some file name")]
    [InlineData("", "x.txt", "x")]
    public void The_title_is_the_first_heading_or_comes_from_the_name(string text, string name, string title) =>
        Assert.Equal(title, Passages.Title(text, name));
}
