using AgentMesh.Agents.Models;
using AgentMesh.Inference.Routing;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Tests.Routing;

public sealed class RoutedChatClientTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static Task<ChatResponse> Ask(Pool pool, string prompt = "Hello", CancellationToken? ct = null) =>
        pool.Client.GetResponseAsync([new ChatMessage(ChatRole.System, "role"), new ChatMessage(ChatRole.User, prompt)], null, ct ?? Ct);

    private static async Task<List<ChatResponseUpdate>> Read(Pool pool, List<ChatResponseUpdate> into)
    {
        await foreach (var update in pool.Client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "Hello")], null, Ct)) into.Add(update);
        return into;
    }

    /// <summary>Lets time pass until the task ends; every wait inside is on the pool's clock.</summary>
    private static async Task<T> Pass<T>(Pool pool, Task<T> task)
    {
        while (!task.IsCompleted)
        {
            pool.Time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }

        return await task;
    }

    private static async Task<string> First(Pool pool)
    {
        while (pool.Sent.IsEmpty) await Task.Yield();
        return pool.Sent.First();
    }

    [Fact]
    public async Task A_call_crosses_the_wire_and_comes_back()
    {
        using var pool = new Pool(1);
        var answer = Ask(pool);
        (await pool.Engines["gpu0"].Next()).Reply("hi", 3);
        Assert.Equal(("hi", 3L), ((await answer).Text, (await answer).Usage!.OutputTokenCount));
    }

    [Fact]
    public async Task A_draining_device_s_waiting_requests_move_and_none_is_lost_or_doubled()
    {
        using var pool = new Pool(3, slots: 2);
        var answers = Enumerable.Range(0, 40).Select(i => Ask(pool, $"p{i}")).ToList();
        while (pool.Router.Devices.Sum(d => d.Load) < 40) await Task.Yield();
        var drain = pool.Server("gpu1").Drain(TimeSpan.FromSeconds(30), Ct);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var engines = pool.Engines.Values.Select(e => Answer(e, done.Token)).ToList();
        var texts = (await Task.WhenAll(answers)).Select(a => a.Text);
        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"answer to p{i}"), texts);
        var report = await drain;
        Assert.True(report.HandedBack > 0);
        Assert.Equal(0, report.Cut);
        await done.CancelAsync();
        Assert.Equal(40, pool.Engines.Values.Sum(e => e.Prompts.Count));
        Assert.Equal(40, pool.Engines.Values.SelectMany(e => e.Prompts).Distinct().Count());
        Assert.Equal(2, pool.Engines["gpu1"].Prompts.Count);
        // Its refusal is remembered before its host reports it.
        Assert.DoesNotContain("gpu1", pool.Router.Route("m", null));
    }

    [Fact]
    public async Task A_device_that_dies_during_the_call_costs_only_time()
    {
        using var pool = new Pool(2);
        var answer = Ask(pool);
        var first = await First(pool);
        await pool.Engines[first].Next();
        pool.Kill(first);
        (await pool.Engines[first == "gpu0" ? "gpu1" : "gpu0"].Next()).Reply("from the other");
        Assert.Equal("from the other", (await answer).Text);
        Assert.Equal(2, pool.Sent.Count);
    }

    [Fact]
    public async Task A_device_declared_dead_is_not_waited_for()
    {
        using var pool = new Pool(2);
        var answer = Ask(pool);
        var first = await First(pool);
        var stuck = await pool.Engines[first].Next();
        pool.Router.Update(new DeviceState(first, ["m"], 1, Alive: false));
        (await pool.Engines[first == "gpu0" ? "gpu1" : "gpu0"].Next()).Reply("from the other");
        Assert.Equal("from the other", (await answer).Text);
        Assert.False(stuck.Whole.Task.IsCompleted);
    }

    [Fact]
    public async Task A_stream_cut_before_anything_was_said_begins_anew()
    {
        using var pool = new Pool(2) { CutAfter = 1 };
        var read = Read(pool, []);
        var first = await First(pool);
        var call = await pool.Engines[first].Next();
        pool.CutAfter = null;
        call.Part("");
        call.Part("never seen");
        var second = await pool.Engines[first == "gpu0" ? "gpu1" : "gpu0"].Next();
        second.Part("whole");
        second.Usage(1, 1);
        second.End();
        Assert.Equal("whole", (await read).ToChatResponse().Text);
    }

    [Fact]
    public async Task A_stream_cut_after_its_first_words_is_a_clear_error()
    {
        using var pool = new Pool(2);
        List<ChatResponseUpdate> seen = [];
        var read = Read(pool, seen);
        var first = await First(pool);
        (await pool.Engines[first].Next()).Part("The refund is ");
        while (seen.Count == 0) await Task.Yield();
        pool.Router.Remove(first);
        var error = await Assert.ThrowsAsync<ModelException>(() => read);
        Assert.Equal((ModelErrorKind.Unavailable, true), (error.Kind, error.TokensMayBeSpent));
        Assert.Contains("broke off", error.Message, StringComparison.Ordinal);
        Assert.Single(pool.Sent);
    }

    [Fact]
    public async Task A_request_s_own_error_is_not_tried_elsewhere()
    {
        using var pool = new Pool(2);
        var answer = Ask(pool);
        (await pool.Engines[await First(pool)].Next()).Fail(new ModelException(ModelErrorKind.Rejected, "Too long.") { Unsupported = ModelFeature.NativeTools });
        var error = await Assert.ThrowsAsync<ModelException>(() => answer);
        Assert.Equal((ModelErrorKind.Rejected, ModelFeature.NativeTools), (error.Kind, error.Unsupported));
        Assert.Single(pool.Sent);
    }

    [Fact]
    public async Task With_no_device_a_call_waits_for_one_to_come()
    {
        using var pool = new Pool(0);
        var answer = Ask(pool);
        await pool.Time.Timer(TimeSpan.FromMilliseconds(125));
        pool.Add("gpu9");
        (await pool.Engines["gpu9"].Next()).Reply("at last");
        Assert.Equal("at last", (await answer).Text);
    }

    [Fact]
    public async Task Patience_ends_with_an_error_that_may_be_tried_again()
    {
        using var pool = new Pool(0, change: o => o with { Total = TimeSpan.FromDays(1) });
        var error = await Assert.ThrowsAsync<ModelException>(() => Pass(pool, Ask(pool)));
        Assert.Equal(ModelErrorKind.Unavailable, error.Kind);
        Assert.Contains("No device serves the model 'm'", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.RetryAfter);
    }

    [Fact]
    public async Task Full_queues_everywhere_are_waited_out_and_then_reported()
    {
        using var pool = new Pool(2, queue: 1, change: o => o with { Total = TimeSpan.FromDays(1) });
        for (var i = 0; i < 4; i++) _ = Ask(pool, $"p{i}");
        while (pool.Router.Devices.Sum(d => d.Load) < 4) await Task.Yield();
        var error = await Assert.ThrowsAsync<ModelException>(() => Pass(pool, Ask(pool)));
        Assert.Equal(ModelErrorKind.RateLimited, error.Kind);
        Assert.Equal(2, pool.Engines.Values.Sum(e => e.Prompts.Count));
    }

    [Fact]
    public async Task Attempts_are_bounded()
    {
        using var pool = new Pool(2, change: o => o with { Attempts = 3, Total = TimeSpan.FromDays(1) });
        pool.Kill("gpu0");
        pool.Kill("gpu1");
        var error = await Assert.ThrowsAsync<ModelException>(() => Pass(pool, Ask(pool)));
        Assert.Equal((ModelErrorKind.Unavailable, true), (error.Kind, error.TokensMayBeSpent));
        Assert.Equal(3, pool.Sent.Count);
    }

    [Fact]
    public async Task The_whole_call_has_one_deadline_that_the_device_hears_of()
    {
        using var pool = new Pool(1, change: o => o with { Total = TimeSpan.FromSeconds(10) });
        var answer = Ask(pool);
        await pool.Engines["gpu0"].Next();
        pool.Time.Advance(TimeSpan.FromSeconds(10));
        var error = await Assert.ThrowsAsync<ModelException>(() => answer);
        Assert.Equal((ModelErrorKind.TimedOut, true), (error.Kind, error.TokensMayBeSpent));
        Assert.Equal(0, pool.Server("gpu0").Stats.Busy);
    }

    [Fact]
    public async Task A_caller_that_gives_up_is_gone_everywhere()
    {
        using var pool = new Pool(1);
        using var cancel = new CancellationTokenSource();
        var answer = Ask(pool, ct: cancel.Token);
        await pool.Engines["gpu0"].Next();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        Assert.Equal(0, pool.Router.Devices[0].Load);
        Assert.Equal(0, pool.Server("gpu0").Stats.Busy);
    }

    private static async Task Answer(Serving.ManualEngine engine, CancellationToken until)
    {
        while (!until.IsCancellationRequested)
        {
            if (!engine.HasBegun) await Task.Yield();
            else
            {
                var call = await engine.Next();
                call.Reply($"answer to {call.Prompt}");
            }
        }
    }
}
