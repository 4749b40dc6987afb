using AgentMesh.Agents.Models;
using AgentMesh.ScriptedModel;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Tests;

public sealed class EmbeddingTests
{
    private static Fixture With(params Reply[] script) => Fixture.With(o => o with { EmbeddingUrl = o.Url, EmbeddingModel = "e" }, script);

    private static Task<GeneratedEmbeddings<Embedding<float>>> Embed(Fixture f, params string[] texts) =>
        f.Chain.Embeddings!.GenerateAsync(texts, cancellationToken: TestContext.Current.CancellationToken);

    [Fact]
    public async Task Vectors_come_back_in_the_order_of_the_texts()
    {
        await using var f = With(Reply.Json("""{"data":[{"index":1,"embedding":[2,2]},{"index":0,"embedding":[1,1]}],"usage":{"prompt_tokens":5,"total_tokens":5}}"""));
        var vectors = await Embed(f, "a", "b");
        Assert.Equal([1f, 2f], vectors.Select(v => v.Vector.Span[0]));
        Assert.Equal(5, vectors.Usage!.InputTokenCount);
        Assert.Equal("/v1/embeddings", f.Server.Requests[0].Path);
        Assert.Equal("b", f.Server.Requests[0].Json.GetProperty("input")[1].GetString());
    }

    [Fact]
    public async Task Many_texts_go_out_in_batches()
    {
        await using var f = With();
        for (var i = 0; i < 2; i++)
            f.Server.Then(Reply.Json($"{{\"data\":[{string.Join(',', Enumerable.Range(0, 32).Select(n => $"{{\"embedding\":[{n}]}}"))}]}}"));
        f.Server.Then(Reply.Json("""{"data":[{"embedding":[9]}]}"""));
        var vectors = await Embed(f, [.. Enumerable.Range(0, 65).Select(i => $"t{i}")]);
        Assert.Equal(65, vectors.Count);
        Assert.Equal([32, 32, 1], f.Server.Requests.Select(r => r.Json.GetProperty("input").GetArrayLength()));
    }

    [Theory]
    [InlineData("""{"data":[{"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":7,"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"embedding":[1]},{"embedding":[1,2]}]}""")]
    [InlineData("""{"data":[{"embedding":[1]},{"embedding":[]}]}""")]
    [InlineData("""{"data":null}""")]
    [InlineData("<html>")]
    public async Task Vectors_that_do_not_fit_the_texts_are_refused(string body)
    {
        await using var f = With(Reply.Json(body));
        Assert.Equal(ModelErrorKind.BadResponse, (await Assert.ThrowsAsync<ModelException>(() => Embed(f, "a", "b"))).Kind);
    }

    [Fact]
    public async Task Failures_that_may_pass_are_retried()
    {
        await using var f = Fixture.With(o => o with { EmbeddingUrl = o.Url, EmbeddingModel = "e", Retries = 1 },
            Reply.Error(503, "loading"), Reply.Json("""{"data":[{"embedding":[1]}]}"""));
        var vectors = Embed(f, "a");
        await f.Time.Timer(TimeSpan.FromSeconds(0.25));
        f.Time.Advance(TimeSpan.FromSeconds(0.25));
        Assert.Single(await vectors);
    }

    [Fact]
    public async Task A_server_that_hangs_is_left_in_time()
    {
        await using var f = With(Reply.Raw().Hang());
        var vectors = Embed(f, "a");
        await f.Server.Arrived(1);
        f.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(ModelErrorKind.TimedOut, (await Assert.ThrowsAsync<ModelException>(() => vectors)).Kind);
    }

    [Fact]
    public async Task The_key_does_not_go_to_another_host()
    {
        await using var server = ScriptedServer.Start(Reply.Json("""{"data":[{"embedding":[1]}]}"""));
        using var chain = ModelChain.Create(new ModelOptions
        {
            Url = new Uri("https://models.example.org/v1/"), Model = "m", ApiKey = "secret-key", EmbeddingUrl = server.Url, EmbeddingModel = "e",
        });
        await chain.Embeddings!.GenerateAsync(["a"], cancellationToken: TestContext.Current.CancellationToken);
        Assert.False(server.Requests[0].Headers.ContainsKey("Authorization"));
    }
}
