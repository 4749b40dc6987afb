using AgentMesh.Inference.LlamaCpp;
using AgentMesh.TinyModels;
using static AgentMesh.Inference.Tests.LlamaCpp.Models;

namespace AgentMesh.Inference.Tests.LlamaCpp;

public sealed class EmbedderTests
{
    private static readonly string[] Texts = ["the invoice", "a payment is late", "agent", "the plan of the agent is new"];

    [Theory]
    [InlineData(TinyEmbedder.Pooling.Mean)]
    [InlineData(TinyEmbedder.Pooling.FirstToken)]
    [InlineData(TinyEmbedder.Pooling.LastToken)]
    public void Texts_in_one_batch_are_as_texts_alone(TinyEmbedder.Pooling pooling)
    {
        using var model = Bert(pooling);
        using var embedder = new LlamaEmbedder(model, threads: 1);
        var together = embedder.Embed(Texts, TestContext.Current.CancellationToken);
        for (var i = 0; i < Texts.Length; i++)
        {
            var alone = embedder.Embed([Texts[i]], TestContext.Current.CancellationToken)[0];
            Assert.Equal(TinyEmbedder.Width, alone.Length);
            Assert.Equal(1, Dot(alone, alone), 1e-4);
            Assert.Equal(1, Dot(alone, together[i]), 1e-4);
        }

        Assert.InRange(Dot(together[0], together[1]), -1, 0.9999);
    }

    [Fact]
    public void More_texts_than_a_batch_holds_take_several()
    {
        using var model = Bert(TinyEmbedder.Pooling.Mean);
        using var small = new LlamaEmbedder(model, batchTokens: 40, sequences: 2, threads: 1);
        using var large = new LlamaEmbedder(model, threads: 1);
        string[] many = [.. Enumerable.Range(0, 5).SelectMany(_ => Texts)];
        var (a, b) = (small.Embed(many, TestContext.Current.CancellationToken), large.Embed(many, TestContext.Current.CancellationToken));
        for (var i = 0; i < many.Length; i++) Assert.Equal(1, Dot(a[i], b[i]), 1e-4);
        Assert.Contains("Text 1 has", Assert.Throws<LlamaException>(() => small.Embed(["the", string.Join(' ', Texts) + string.Join(' ', Texts)], TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_decoder_is_pooled_by_its_mean()
    {
        using var embedder = new LlamaEmbedder(Tiny, threads: 1);
        var vectors = embedder.Embed(["The invoice was paid.", "Numbers"], TestContext.Current.CancellationToken);
        Assert.Equal(1, Dot(vectors[0], embedder.Embed(["The invoice was paid."], TestContext.Current.CancellationToken)[0]), 1e-4);
        Assert.InRange(Dot(vectors[0], vectors[1]), -1, 0.9999);
    }

    [Fact]
    public void It_is_no_decoder()
    {
        using var model = Bert(TinyEmbedder.Pooling.Mean);
        Assert.Contains("decoder model", Assert.Throws<LlamaException>(() => new LlamaContext(model)).Message, StringComparison.Ordinal);
    }

    private static LlamaModel Bert(TinyEmbedder.Pooling pooling)
    {
        var library = Library;
        using var file = new TemporaryFile();
        TinyEmbedder.Save(file.Path, pooling);
        return LlamaModel.Load(library, file.Path, new LlamaModelOptions("cpu", MemoryMap: false, Trusted: true));
    }

    private static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
}
