using AgentMesh.Inference.ModelFiles;
using FsCheck;
using FsCheck.Fluent;

namespace AgentMesh.Inference.Tests.ModelFiles;

public sealed class NameTests
{
    [Theory]
    [InlineData("acme/tiny", "acme/tiny", null, null, null)]
    [InlineData("acme/tiny:q4_k_m", "acme/tiny", "Q4_K_M", null, null)]
    [InlineData("acme/tiny@v1.0", "acme/tiny", null, null, "v1.0")]
    [InlineData("acme/tiny:Q8_0@refs/pr/1", "acme/tiny", "Q8_0", null, "refs/pr/1")]
    [InlineData("acme/tiny/sub/x.gguf@main", "acme/tiny", null, "sub/x.gguf", "main")]
    [InlineData("mine", "local/mine", null, null, null)]
    [InlineData("mine:F16", "local/mine", "F16", null, null)]
    public void A_name_says_repository_quantization_file_and_revision(string text, string repo, string? quant, string? file, string? revision)
    {
        var name = Assert.IsType<ModelName.InRepo>(ModelName.Parse(text));
        Assert.Equal((repo, quant, file, revision), (name.Repo, name.Quant, name.File, name.Revision));
        Assert.Equal(name, ModelName.Parse(name.ToString()));
    }

    [Theory]
    [InlineData("./x.gguf")]
    [InlineData("/m/x.gguf")]
    [InlineData("x.gguf")]
    [InlineData("../m/x")]
    public void A_path_is_a_path(string text) => Assert.Equal(new ModelName.AtPath(text), ModelName.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("acme/")]
    [InlineData("/")]
    [InlineData("acme/ti--ny")]
    [InlineData("acme/tiny:")]
    [InlineData("acme/tiny@")]
    [InlineData("acme/tiny@../x")]
    [InlineData("acme/tiny/../x.gguf")]
    [InlineData("acme/tiny/x.bin")]
    [InlineData("acme/tiny\n")]
    [InlineData("http://example.com/x.gguf")]
    [InlineData("https://me:pw@example.com/x.gguf")]
    [InlineData("https://example.com/x.bin")]
    [InlineData("https://example.com/..%2fx.gguf")]
    public void What_is_no_name_is_refused(string text) =>
        Assert.DoesNotContain("pw", (text == "/" ? Assert.Throws<ModelFileException>(() => new ModelStore(new HubOptions { CacheFolder = "x" }).Resolve(text)) : Assert.Throws<ModelFileException>(() => ModelName.Parse(text))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("tiny-Q4_K_M.gguf", "Q4_K_M")]
    [InlineData("tiny.q8_0.gguf", "Q8_0")]
    [InlineData("tiny-UD-IQ2_XXS-00001-of-00002.gguf", "UD-IQ2_XXS")]
    [InlineData("BF16/tiny-00001-of-00002.gguf", "BF16")]
    [InlineData("Q4-tiny-F16.gguf", "F16")]
    [InlineData("tiny-Q4_0_4_4.gguf", "Q4_0_4_4")]
    [InlineData("tiny-MXFP4_MOE.gguf", "MXFP4_MOE")]
    [InlineData("Q4_K_M/tiny-Q5_K_S.gguf", "Q5_K_S")]
    [InlineData("tiny.gguf", null)]
    [InlineData("AQ4_K_Mb.gguf", null)]
    public void The_quantization_is_in_the_name(string file, string? quant) => Assert.Equal(quant, Quantization.Of(file));

    [Theory]
    [InlineData(null, "a-Q4_K_M.gguf", "a-Q4_K_M.gguf", "a-Q8_0.gguf", "mmproj-a-Q4_K_M.gguf")]
    [InlineData(null, "a-Q8_0.gguf", "a-Q8_0.gguf", "README.md")]
    [InlineData("Q8_0", "a-Q8_0.gguf", "a-Q4_K_M.gguf", "a-Q8_0.gguf")]
    [InlineData(null, "b-Q4_K_M-00001-of-00002.gguf", "b-Q4_K_M-00001-of-00002.gguf", "b-Q4_K_M-00002-of-00002.gguf", "b-F16.gguf")]
    public void The_rule_picks(string? quant, string picked, params string[] files) => Assert.Equal(picked, GgufChoice.Pick("acme/a", GgufChoice.Models(files), quant).First);

    [Theory]
    [InlineData(null, "There is: F16, Q8_0", "a-Q8_0.gguf", "a-F16.gguf")]
    [InlineData("Q2_K", "has no Q2_K. There is: Q8_0", "a-Q8_0.gguf")]
    [InlineData(null, "2 files of Q4_K_M: a-Q4_K_M.gguf, b-Q4_K_M.gguf", "a-Q4_K_M.gguf", "b-Q4_K_M.gguf")]
    [InlineData(null, "only 1 of the 2 parts", "b-Q4_K_M-00001-of-00002.gguf")]
    [InlineData(null, "no GGUF model", "model.safetensors", "mmproj.gguf")]
    public void What_is_not_clear_is_listed(string? quant, string says, params string[] files) =>
        Assert.Contains(says, Assert.Throws<ModelFileException>(() => GgufChoice.Pick("acme/a", GgufChoice.Models(files), quant)).Message, StringComparison.Ordinal);

    /// <summary>Whatever a server or a person says, a path in the cache stays in the cache.</summary>
    [Fact]
    public void No_name_leaves_the_cache()
    {
        var piece = Gen.Elements("..", ".", "/", "\\", "a", "-", "--", ":", "\n", "\0", "~", "%2e", "é", " ");
        var name = piece.ListOf().Select(string.Concat).ToArbitrary();
        Prop.ForAll(name, name, (repo, file) =>
        {
            try
            {
                var cache = new HubCache("/cache", $"a/{repo}");
                foreach (var path in new[] { cache.Snapshot(new string('1', 40), file), cache.Blob(file) })
                    Assert.StartsWith($"/cache/models--a--{repo}/", Path.GetFullPath(path), StringComparison.Ordinal);
            }
            catch (Exception e) when (e is ArgumentException or ModelFileException)
            {
                // Refused, as it may be.
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000).WithReplay(20261121, 3));
    }

    [Fact]
    public void A_name_out_of_anything_is_a_name() => Prop.ForAll<string>(text =>
        SafeNames.RepoPart(text ?? "") is var part && (part.Length == 0 || SafeNames.IsRepo("a/" + part))).Check(Config.QuickThrowOnFailure.WithMaxTest(2000).WithReplay(20261121, 5));
}
