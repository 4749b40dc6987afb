using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;
using Microsoft.Extensions.Logging;
using static AgentMesh.Runtime.Tests.Bench;
using ManualTime = AgentMesh.Tools.ManualTime;

namespace AgentMesh.Runtime.Tests;

/// <summary>Calls that the other side has not finished.</summary>
public sealed class InFlightWaitTests
{
    [Fact]
    public async Task An_in_flight_repeat_is_waited_for_under_one_claim_and_asks_nobody()
    {
        var (bench, tool, time) = await TakenOver();
        var answers = new Queue<TimeSpan?>([TimeSpan.FromSeconds(7), null, null]);
        tool.Run = _ => answers.TryDequeue(out var after) ? throw new ToolInFlightException("still at it", after) : new ToolResult(MeshJson.Parse("7"));
        var attempt = bench.Attempt();
        foreach (var seconds in new[] { 7, 2, 4 })
        {
            await time.Waits(TimeSpan.FromSeconds(seconds));
            time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            Assert.False(attempt.IsCompleted);
            time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(7, (await Call(await attempt, "act", "x")).Require().GetInt32());
        Assert.Equal(5, bench.Ran.Count);
        Assert.All(bench.Ran, r => Assert.StartsWith("g/a/1 ", r, StringComparison.Ordinal));
        Assert.Equal(2, bench.Journal.OfType<ToolClaimed>().Count());
        Assert.Empty(bench.State!.Requests);
        Assert.Equal(2, ((ListLog)bench.Log).Lines.Count);
        Assert.Contains("waits for act, and asks again in 7 s", ((ListLog)bench.Log).Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_first_call_that_is_put_off_is_waited_for_too()
    {
        var time = new ManualTime();
        var bench = new Bench { Time = time };
        var busy = true;
        bench.Tool("act", ToolEffect.Idempotent, run: _ => busy ? throw new ToolInFlightException("later", TimeSpan.Zero, effectPossible: false) : new ToolResult(MeshJson.Parse("7")));
        var call = Call(await bench.Attempt(), "act", "x");
        await time.Waits(TimeSpan.FromMilliseconds(250));
        busy = false;
        time.Advance(TimeSpan.FromMilliseconds(250));
        Assert.Equal(7, (await call).Require().GetInt32());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_clean_failure_after_a_wait_says_nothing_of_the_request_that_was_in_flight(bool mayHaveHappened)
    {
        var time = new ManualTime();
        var bench = new Bench { Time = time };
        var tool = bench.Tool("act", ToolEffect.Idempotent, run: _ => throw new ToolInFlightException("still at it", effectPossible: mayHaveHappened));
        var calls = await bench.Attempt();
        var call = Call(calls, "act", "x");
        await time.Waits(TimeSpan.FromSeconds(1));
        tool.Run = _ => throw new ToolException(FailureKind.Transient, "cannot be reached", effectPossible: false);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(mayHaveHappened, (await Assert.ThrowsAsync<ToolException>(() => call)).EffectPossible);
        Assert.Equal(mayHaveHappened, calls.OpenClaim is not null);
    }

    [Fact]
    public async Task A_wait_ends_with_its_attempt_and_leaves_the_claim_to_the_next_owner()
    {
        var (bench, tool, time) = await TakenOver();
        tool.Run = _ => throw new ToolInFlightException("still at it", TimeSpan.MaxValue);
        using var stop = new CancellationTokenSource();
        bench.Stop = stop.Token;
        var attempt = bench.Attempt();
        await time.Waits(TimeSpan.FromMinutes(5));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => attempt);
        Assert.Equal(CallStatus.Claimed, bench.State!.Step(Step)!.Calls[0].Status);
        bench.Stop = CancellationToken.None;
        tool.Run = null;
        Assert.Null((await bench.Attempt()).OpenClaim);
        Assert.Empty(bench.State.Requests);
    }

    [Fact]
    public async Task A_once_call_in_flight_is_never_made_again()
    {
        var bench = new Bench();
        bench.Tool("act", ToolEffect.Once, run: _ => throw new ToolInFlightException("still at it", TimeSpan.Zero));
        var calls = await bench.Attempt();
        Assert.True((await Assert.ThrowsAsync<ToolException>(() => Call(calls, "act", "x"))).EffectPossible);
        Assert.NotNull(calls.OpenClaim);
        Assert.Single(bench.Ran);
    }

    [Fact]
    public async Task A_probe_that_is_in_flight_is_made_again()
    {
        var time = new ManualTime();
        var bench = new Bench { Time = time };
        var probes = 0;
        bench.Tool("act", ToolEffect.Once, run: _ => throw Lost, probe: () =>
            ++probes == 1 ? throw new ToolInFlightException("still at it", TimeSpan.FromSeconds(3)) : new Reconciliation.Happened(new ToolResult(MeshJson.Parse("7"))));
        await Assert.ThrowsAsync<ToolException>(async () => await Call(await bench.Attempt(), "act", "x"));
        var attempt = bench.Attempt();
        await time.Waits(TimeSpan.FromSeconds(3));
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(7, (await Call(await attempt, "act", "x")).Require().GetInt32());
        Assert.Single(bench.Ran);
    }

    /// <summary>An idempotent call whose first owner is gone, and a clock that a test moves.</summary>
    private static async Task<(Bench Bench, FakeTool Tool, ManualTime Time)> TakenOver()
    {
        var time = new ManualTime();
        var bench = new Bench { Time = time, Log = new ListLog() };
        var tool = bench.Tool("act", ToolEffect.Idempotent, run: _ => throw Lost);
        await Assert.ThrowsAsync<ToolException>(async () => await Call(await bench.Attempt(), "act", "x"));
        return (bench, tool, time);
    }

    private sealed class ListLog : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
