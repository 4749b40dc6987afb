using AgentMesh.Agents.Models;
using AgentMesh.Contracts;
using AgentMesh.Inference.Resilience;
using AgentMesh.ScriptedModel;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Tests;

public sealed class ResilienceTests
{
    private static TimeSpan Seconds(double s) => TimeSpan.FromSeconds(s);

    [Fact]
    public async Task What_may_pass_is_retried_with_growing_waits()
    {
        await using var f = Fixture.With(o => o with { Retries = 3 }, Reply.Error(500, "a"), Reply.Raw().Reset(), Reply.Error(503, "c"), Reply.Text("done"));
        var answer = f.Ask();
        // Without jitter each wait is half of its step: 0.5, 1 and 2 seconds.
        foreach (var wait in (double[])[0.25, 0.5, 1])
        {
            await f.Time.Timer(Seconds(wait));
            f.Time.Advance(Seconds(wait));
        }

        Assert.Equal("done", (await answer).Text);
        Assert.Equal(4, f.Server.Requests.Count);
        Assert.Single(f.Server.Requests.Select(r => r.Body).Distinct());
    }

    [Fact]
    public async Task A_server_that_names_a_time_is_given_it()
    {
        await using var f = Fixture.With(o => o with { Retries = 1 }, Reply.Error(429, "a", ("Retry-After", "30")), Reply.Text("done"));
        var answer = f.Ask();
        await f.Time.Timer(Seconds(30.025));
        f.Time.Advance(Seconds(30));
        Assert.Single(f.Server.Requests);
        f.Time.Advance(Seconds(1));
        Assert.Equal("done", (await answer).Text);
    }

    [Fact]
    public async Task A_wait_beyond_the_call_s_own_limit_is_not_begun()
    {
        await using var f = Fixture.With(o => o with { Retries = 3 }, Reply.Error(429, "tomorrow", ("Retry-After", "86400")));
        var error = await f.Fails();
        Assert.Equal((ModelErrorKind.RateLimited, (TimeSpan?)TimeSpan.FromDays(1)), (error.Kind, error.RetryAfter));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(501)]
    public async Task A_refusal_is_not_retried(int status)
    {
        await using var f = Fixture.With(o => o with { Retries = 3 }, Reply.Error(status, "no"), Reply.Text("never"));
        await f.Fails();
        Assert.Single(f.Server.Requests);
    }

    [Fact]
    public async Task A_stream_is_retried_before_its_first_part_and_not_after()
    {
        await using var f = Fixture.With(o => o with { Retries = 3 },
            Reply.Error(500, "a"), Reply.Streamed("all", " good"), Reply.Stream().Delta("half").Reset(), Reply.Text("never"));
        var first = f.Stream();
        await f.Time.Timer(Seconds(0.25));
        f.Time.Advance(Seconds(0.25));
        Assert.Equal("all good", (await first).ToChatResponse().Text);

        await Assert.ThrowsAsync<ModelException>(() => f.Stream());
        Assert.Equal(3, f.Server.Requests.Count);
    }

    [Fact]
    public async Task A_server_that_hangs_before_or_within_its_answer_is_left_in_time()
    {
        await using var f = Fixture.With(Reply.Raw().Hang(), Reply.Raw().Head(200, ("Content-Type", "application/json")).Bytes("{"u8.ToArray()).Hang());
        for (var i = 1; i <= 2; i++)
        {
            var answer = f.Fails();
            await f.Server.Arrived(i);
            f.Time.Advance(TimeSpan.FromMinutes(2));
            var error = await answer;
            Assert.Equal(ModelErrorKind.TimedOut, error.Kind);
            Assert.Contains("AGENTMESH_MODEL_TIMEOUT", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_stream_that_falls_silent_is_left_after_the_idle_limit()
    {
        await using var f = Fixture.With(Reply.Stream().Delta("so far").Hang());
        var updates = new List<ChatResponseUpdate>();
        var reading = Assert.ThrowsAsync<ModelException>(() => f.Stream(into: updates));
        await f.Time.Timer(Seconds(30));
        f.Time.Advance(Seconds(30));
        var error = await reading;
        Assert.Equal(ModelErrorKind.TimedOut, error.Kind);
        Assert.Contains("IDLE", error.Message, StringComparison.Ordinal);
        Assert.Equal("so far", updates.ToChatResponse().Text);
    }

    [Fact]
    public async Task A_slow_reader_is_not_taken_for_a_silent_server()
    {
        await using var f = Fixture.With(Reply.Streamed("a", "b"));
        var text = "";
        await foreach (var update in f.Client.GetStreamingResponseAsync("x", cancellationToken: TestContext.Current.CancellationToken))
        {
            text += update.Text;
            f.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal("ab", text);
    }

    [Fact]
    public async Task The_total_limit_ends_a_call_whatever_it_is_doing()
    {
        await using var f = Fixture.With(o => o with { AttemptTimeout = TimeSpan.FromMinutes(5) }, Reply.Raw().Hang());
        var answer = f.Fails();
        await f.Server.Arrived(1);
        f.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(ModelErrorKind.TimedOut, (await answer).Kind);
    }

    [Fact]
    public async Task A_caller_who_gives_up_sees_cancellation_and_not_an_error()
    {
        await using var f = Fixture.With(Reply.Raw().Hang());
        using var stop = new CancellationTokenSource();
        var answer = f.Client.GetResponseAsync("x", cancellationToken: stop.Token);
        await f.Server.Arrived(1);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
    }

    [Fact]
    public async Task An_endpoint_that_keeps_failing_is_left_alone_and_probed_by_one_request()
    {
        await using var f = Fixture.With(o => o with { BreakAfter = 2 }, Reply.Error(500, "a"), Reply.Stream().Delta("half").Reset());
        await f.Fails();
        await Assert.ThrowsAsync<ModelException>(() => f.Stream());
        var open = await f.Fails();
        Assert.Equal(ModelErrorKind.CircuitOpen, open.Kind);
        Assert.Equal(Seconds(15), open.RetryAfter);
        Assert.Equal(2, f.Server.Requests.Count);

        f.Time.Advance(Seconds(15));
        var go = new TaskCompletionSource();
        f.Server.Then(Reply.Raw().Await(go.Task).Head(500), Reply.Text("well again"), Reply.Text("and again"));
        var probe = f.Fails();
        await f.Server.Arrived(3);
        Assert.Equal(ModelErrorKind.CircuitOpen, (await f.Fails()).Kind);
        go.SetResult();
        Assert.Equal(ModelErrorKind.Unavailable, (await probe).Kind);
        Assert.Equal(ModelErrorKind.CircuitOpen, (await f.Fails()).Kind);

        f.Time.Advance(Seconds(15));
        Assert.Equal("well again", (await f.Ask()).Text);
        Assert.Equal("and again", (await f.Ask()).Text);
    }

    [Fact]
    public async Task A_probe_that_is_given_up_leaves_the_next_call_to_probe()
    {
        await using var f = Fixture.With(o => o with { BreakAfter = 1 }, Reply.Error(500, "a"), Reply.Raw().Hang(), Reply.Text("ok"));
        await f.Fails();
        f.Time.Advance(Seconds(15));
        using var stop = new CancellationTokenSource();
        var probe = f.Client.GetResponseAsync("x", cancellationToken: stop.Token);
        await f.Server.Arrived(2);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => probe);
        Assert.Equal("ok", (await f.Ask()).Text);
    }

    [Fact]
    public async Task Rate_limits_and_refusals_do_not_open_the_circuit()
    {
        await using var f = Fixture.With(o => o with { BreakAfter = 1 }, Reply.Error(429, "a"), Reply.Error(400, "b"), Reply.Text("ok"));
        await f.Fails();
        await f.Fails();
        Assert.Equal("ok", (await f.Ask()).Text);
    }

    [Fact]
    public async Task No_more_requests_are_in_flight_than_allowed()
    {
        await using var f = Fixture.With(o => o with { Concurrency = 2 });
        var go = new TaskCompletionSource();
        for (var i = 0; i < 5; i++) f.Server.Then(Reply.Raw().Await(go.Task).Head(200, ("Content-Type", "application/json"))
            .Bytes("""{"choices":[{"message":{"content":"x"}}]}"""u8.ToArray()));
        var calls = Enumerable.Range(0, 5).Select(_ => f.Ask()).ToArray();
        await f.Server.Arrived(2);
        Assert.Equal(2, f.Server.Requests.Count);
        go.SetResult();
        await Task.WhenAll(calls);
        Assert.Equal(5, f.Server.Requests.Count);
    }

    /// <summary>Against a plain model: open after n failures in a row, one probe after the pause.</summary>
    [Fact]
    public void The_breaker_never_lets_a_request_through_while_it_should_rest() => Prop.ForAll<int[]>(steps =>
    {
        var time = new ManualTime();
        var breaker = new CircuitBreaker(3, Seconds(10), time);
        var (failures, openedAt) = (0, (DateTimeOffset?)null);
        foreach (var step in steps)
        {
            if (step % 4 == 0) { time.Advance(Seconds(4)); continue; }
            var outcome = (step % 4) switch { 1 or -1 => CircuitBreaker.Outcome.Success, 2 or -2 => CircuitBreaker.Outcome.Failure, _ => CircuitBreaker.Outcome.Undecided };
            var rests = openedAt is { } at && time.GetUtcNow() - at < Seconds(10);
            CircuitBreaker.Pass pass;
            try { pass = breaker.Enter(); }
            catch (ModelException) { if (!rests) return false; continue; }
            if (rests || pass.Probe != (openedAt is not null)) return false;
            breaker.End(pass, outcome);
            if (outcome == CircuitBreaker.Outcome.Success) (failures, openedAt) = (0, null);
            if (outcome == CircuitBreaker.Outcome.Failure && (openedAt is not null || ++failures >= 3)) (failures, openedAt) = (0, time.GetUtcNow());
        }

        return true;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Waits_stay_within_their_bounds() => Prop.ForAll<byte, byte>((attempt, jitter) =>
    {
        var number = 1 + attempt % 20;
        var delay = new Backoff(20, TimeSpan.FromHours(1), () => jitter / 256.0).Delay(number, new ModelException(ModelErrorKind.Unavailable, "x"), TimeSpan.Zero);
        var step = Math.Min(0.5 * Math.Pow(2, number - 1), 20);
        return delay >= Seconds(step / 2) && delay < Seconds(step);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public async Task Clients_of_one_endpoint_share_its_circuit()
    {
        await using var f = Fixture.With(o => o with { BreakAfter = 1, SmallModel = "little" }, Reply.Error(500, "a"));
        await f.Fails();
        var error = await Assert.ThrowsAsync<ModelException>(() => f.Chain.Chat(ModelNeed.Small)!.GetResponseAsync("x", cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(ModelErrorKind.CircuitOpen, error.Kind);
    }
}
