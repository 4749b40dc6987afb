using AgentMesh.Inference.Decoding;

namespace AgentMesh.Inference.Tests.Decoding;

public sealed class DecodeLoopTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static DecodeLoop Loop(CellDecoder decoder, DecodeOptions? options = null) =>
        new(decoder, t => t == CellDecoder.End, options ?? new DecodeOptions(), TimeProvider.System);

    [Fact]
    public async Task Requests_from_many_threads_get_their_own_tokens()
    {
        using var loop = Loop(new CellDecoder(2000));
        await Parallel.ForEachAsync(Enumerable.Range(1, 60), Token, async (i, ct) =>
        {
            int[] prompt = [1, 2, 3, i];
            List<int> got = [];
            await foreach (var token in loop.Start(new GenerationRequest(prompt, 30, new Greedy()), ct).Tokens.ReadAllAsync(ct)) got.Add(token);
            Assert.Equal(CellDecoder.Alone(prompt, 30), got);
        });
    }

    [Fact]
    public async Task A_request_whose_caller_gives_up_ends_as_cancelled_wherever_it_is()
    {
        using var loop = Loop(new CellDecoder(20_000), new DecodeOptions { Running = 1 });
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        var endless = new Endless();
        var running = loop.Start(new GenerationRequest([1], 19_000, endless), first.Token);
        var waiting = loop.Start(new GenerationRequest([2], 10, new Greedy()), second.Token);
        await second.CancelAsync();
        Assert.Equal(GenerationEnd.Cancelled, (await waiting.Outcome.WaitAsync(Token)).End);
        await running.Tokens.ReadAsync(Token);
        await first.CancelAsync();
        Assert.Equal(GenerationEnd.Cancelled, (await running.Outcome.WaitAsync(Token)).End);
    }

    [Fact]
    public async Task A_full_queue_refuses_and_a_closed_loop_ends_everybody()
    {
        var decoder = new CellDecoder(20_000);
        var loop = Loop(decoder, new DecodeOptions { Running = 1, QueueLimit = 2 });
        var running = loop.Start(new GenerationRequest([1], 19_000, new Endless()), Token);
        await running.Tokens.ReadAsync(Token);
        var waiting = Enumerable.Range(0, 2).Select(_ => loop.Start(new GenerationRequest([2], 10, new Greedy()), Token)).ToList();
        Assert.Throws<QueueFullException>(() => loop.Start(new GenerationRequest([3], 10, new Greedy()), Token));
        var other = loop.Start(new GenerationRequest([3], 10, new Greedy()) { Tenant = "other" }, Token);
        Assert.Equal(GenerationEnd.Failed, (await waiting[1].Outcome.WaitAsync(Token)).End);
        loop.Dispose();
        Assert.All(await Task.WhenAll(running.Outcome, waiting[0].Outcome, other.Outcome), o => Assert.Equal(GenerationEnd.Failed, o.End));
        Assert.True(decoder.Disposed);
        Assert.Throws<ObjectDisposedException>(() => loop.Start(new GenerationRequest([3], 10, new Greedy()), Token));
    }

    [Fact]
    public void A_request_that_can_never_fit_is_refused_with_what_to_do()
    {
        using var loop = Loop(new CellDecoder(100));
        var error = Assert.Throws<PromptTooLongException>(() => loop.Start(new GenerationRequest([.. Enumerable.Repeat(1, 80)], 21, new Greedy()), Token));
        Assert.Contains("80 tokens and asks for up to 21 more; the context has 100. Shorten", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_decoder_that_breaks_for_good_lets_nobody_wait_forever()
    {
        using var loop = Loop(new CellDecoder(100) { FailAt = _ => throw new InvalidOperationException("a lost device") });
        var outcome = await loop.Start(new GenerationRequest([1], 5, new Greedy()), Token).Outcome.WaitAsync(Token);
        Assert.Equal(GenerationEnd.Failed, outcome.End);
        Assert.Contains("a lost device", outcome.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_decoder_that_breaks_while_one_is_put_back_loses_nobody()
    {
        using var loop = Loop(new CellDecoder(100) { Removing = () => throw new InvalidOperationException("a lost device") }, new DecodeOptions { AnswerRoom = 1, Reuse = false });
        var all = Enumerable.Range(1, 3).Select(i => loop.Start(new GenerationRequest([i], 90, new Endless()), Token)).ToList();
        var outcomes = await Task.WhenAll(all.Select(g => g.Outcome)).WaitAsync(Token);
        Assert.All(outcomes, o => Assert.Contains("a lost device", o.Failure, StringComparison.Ordinal));
        Assert.All(outcomes, o => Assert.InRange(o.Generated, 30, 40));
    }

    [Fact]
    public async Task One_that_waits_is_out_of_the_queue_as_soon_as_it_is_given_up()
    {
        using var loop = Loop(new CellDecoder(20_000), new DecodeOptions { Running = 1, QueueLimit = 1 });
        var running = loop.Start(new GenerationRequest([1], 19_000, new Endless()), Token);
        await running.Tokens.ReadAsync(Token);
        var waiting = loop.Start(new GenerationRequest([2], 10, new Greedy()), Token);
        waiting.Cancel();
        Assert.Equal(GenerationEnd.Cancelled, (await waiting.Outcome.WaitAsync(Token)).End);
        loop.Start(new GenerationRequest([3], 10, new Greedy()), Token).Cancel();
        Assert.False(running.Outcome.IsCompleted);
    }

    private sealed class Endless : ITokenChooser
    {
        public bool Complete => false;

        public int Choose(ReadOnlySpan<float> logits) => 4;

        public ReadOnlySpan<int> Forced() => [];
    }
}
