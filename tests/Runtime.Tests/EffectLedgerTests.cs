using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.Orchestration;
using static AgentMesh.Runtime.Tests.Bench;

namespace AgentMesh.Runtime.Tests;

public sealed class EffectLedgerTests
{
    [Theory]
    [InlineData(ToolEffect.Idempotent)]
    [InlineData(ToolEffect.Once)]
    public async Task The_claim_is_in_the_journal_when_the_tool_runs(ToolEffect effect)
    {
        var bench = new Bench();
        bench.Tool("act", effect, run: call =>
        {
            var claim = Assert.IsType<ToolClaimed>(bench.Journal[^1]);
            Assert.Equal(("g/a/1", effect), (claim.Key, claim.Effect));
            Assert.Equal(claim.Key, call.Key);
            return new ToolResult(MeshJson.Parse("1"));
        });
        Assert.Equal(1, (await Call(await bench.Attempt(), "act", "x")).Require().GetInt32());
    }

    [Fact]
    public async Task A_pure_call_needs_no_claim()
    {
        var bench = new Bench();
        bench.Tool("look", ToolEffect.Pure);
        var before = bench.Journal.Count;
        await Call(await bench.Attempt(), "look", "x");
        Assert.Equal(before, bench.Journal.Count);
        Assert.Single(bench.Ran);
    }

    [Fact]
    public async Task The_same_effect_is_not_had_twice_in_a_step()
    {
        var bench = new Bench();
        bench.Tool("act", ToolEffect.Once);
        var calls = await bench.Attempt();
        var (first, second) = (await Call(calls, "act", "x"), await Call(calls, "act", "x"));
        Assert.Equal(first.Call, second.Call);
        Assert.Single(bench.Ran);
        await Call(calls, "act", "y");
        Assert.Equal(2, bench.Ran.Count);
    }

    [Fact]
    public async Task An_idempotent_call_whose_answer_was_lost_is_made_again_with_its_key()
    {
        var bench = new Bench();
        var tool = bench.Tool("act", ToolEffect.Idempotent, run: _ => throw Lost);
        await Assert.ThrowsAsync<ToolException>(async () => await Call(await bench.Attempt(), "act", "x"));
        tool.Run = null;
        var calls = await bench.Attempt();
        Assert.Null(calls.OpenClaim);
        await Call(calls, "act", "x");
        Assert.Equal(["g/a/1", "g/a/1"], bench.Ran.Select(r => r.Split(' ')[0]));
    }

    [Fact]
    public async Task A_repeat_that_fails_cleanly_says_nothing_of_the_first_request()
    {
        var bench = new Bench();
        var tool = bench.Tool("act", ToolEffect.Idempotent, run: _ => throw Lost);
        await Assert.ThrowsAsync<ToolException>(async () => await Call(await bench.Attempt(), "act", "x"));
        tool.Run = _ => throw new ToolException(FailureKind.Permanent, "refused", effectPossible: false);
        var error = await Assert.ThrowsAsync<ToolException>(() => bench.Attempt());
        Assert.True(error.EffectPossible);
        Assert.Equal(CallStatus.Claimed, bench.State!.Step(Step)!.Calls[0].Status);
    }

    [Fact]
    public async Task A_lost_once_call_is_never_repeated_blindly_but_asked_about()
    {
        var bench = new Bench();
        bench.Tool("act", ToolEffect.Once, run: _ => throw Lost);
        await Assert.ThrowsAsync<ToolException>(async () => await Call(await bench.Attempt(), "act", "x"));
        await Assert.ThrowsAsync<StepSuspendedException>(() => bench.Attempt());
        Assert.Single(bench.Ran);
        Assert.Equal(CallStatus.Unknown, bench.State!.Step(Step)!.Calls[0].Status);
        Assert.Equal(new CallId("a/1"), bench.State.Requests.Single(r => r.IsOpen).Question!.Call);
    }

    [Fact]
    public async Task What_a_person_saw_happen_is_a_receipt()
    {
        var bench = await AskedAbout();
        Assert.Null(bench.Post([new QuestionAnswered(new RequestId("effect-a-1"), "ann", EffectLedger.Happened)]));
        var calls = await bench.Attempt();
        Assert.NotNull((await Call(calls, "act", "x")).Value);
        Assert.Single(bench.Ran);
    }

    [Fact]
    public async Task What_a_person_did_not_see_is_claimed_anew_and_their_answer_serves_once()
    {
        var bench = await AskedAbout();
        Assert.Null(bench.Post([new QuestionAnswered(new RequestId("effect-a-1"), "ann", EffectLedger.DidNotHappen)]));
        await Assert.ThrowsAsync<ToolException>(() => bench.Attempt());
        Assert.Equal(2, bench.Journal.OfType<ToolClaimed>().Count());
        Assert.Equal(2, bench.Ran.Count);

        await Assert.ThrowsAsync<StepSuspendedException>(() => bench.Attempt());
        Assert.Equal(2, bench.Ran.Count);
        Assert.Equal("effect-a-1-2", bench.State!.Requests.Single(r => r.IsOpen).Id.Value);
    }

    [Fact]
    public async Task A_probe_that_finds_the_effect_gives_the_receipt()
    {
        var bench = new Bench();
        bench.Tool("act", ToolEffect.Once, run: _ => throw Lost, probe: () => new Reconciliation.Happened(new ToolResult(MeshJson.Parse("7"))));
        await Assert.ThrowsAsync<ToolException>(async () => await Call(await bench.Attempt(), "act", "x"));
        Assert.Equal(7, (await Call(await bench.Attempt(), "act", "x")).Require().GetInt32());
        Assert.Single(bench.Ran);
    }

    [Fact]
    public async Task A_probe_that_is_sure_it_did_not_happen_lets_it_be_made_again_under_a_new_claim()
    {
        var bench = new Bench();
        var tool = bench.Tool("act", ToolEffect.Once, run: _ => throw Lost, probe: () => new Reconciliation.DidNotHappen());
        await Assert.ThrowsAsync<ToolException>(async () => await Call(await bench.Attempt(), "act", "x"));
        tool.Run = null;
        await bench.Attempt();
        Assert.Equal(2, bench.Ran.Count);
        Assert.Equal(2, bench.Journal.OfType<ToolClaimed>().Count());
    }

    [Fact]
    public async Task A_tool_that_breaks_its_contract_after_a_claim_leaves_it_open()
    {
        var bench = new Bench();
        bench.Tool("act", ToolEffect.Once, run: _ => throw new TaskCanceledException("the client's own time is up"));
        var calls = await bench.Attempt();
        Assert.True((await Assert.ThrowsAsync<ToolException>(() => Call(calls, "act", "x"))).EffectPossible);
        Assert.NotNull(calls.OpenClaim);
    }

    [Fact]
    public async Task What_is_out_of_scope_or_against_the_schema_is_answered_and_not_run()
    {
        var bench = new Bench();
        bench.Tool("act", ToolEffect.Once);
        var calls = await bench.Attempt();
        Assert.Contains("no tool gone", (await Call(calls, "gone", "x")).Error, StringComparison.Ordinal);
        Assert.Contains("schema", (await calls.Call("act", MeshJson.Parse("""{"other":1}"""), CancellationToken.None)).Error, StringComparison.Ordinal);
        Assert.Empty(bench.Ran);
        Assert.Empty(bench.Journal.OfType<ToolClaimed>());
    }

    [Fact]
    public async Task Failed_and_refused_calls_count_and_an_open_claim_keeps_its_place_in_the_budget()
    {
        var bench = new Bench(budget: new Budget { ToolCalls = 2 });
        bench.Tool("look", ToolEffect.Pure, run: _ => throw new ToolException(FailureKind.Transient, "busy"));
        var calls = await bench.Attempt();
        await Assert.ThrowsAsync<ToolException>(() => Call(calls, "look", "x"));
        await Call(calls, "gone", "x");
        await Assert.ThrowsAsync<BudgetExceededException>(() => Call(calls, "look", "x"));
        Assert.Single(bench.Ran);
    }

    [Fact]
    public async Task An_attempt_that_is_over_gets_no_more_calls()
    {
        var bench = new Bench();
        bench.Tool("act", ToolEffect.Once);
        var calls = await bench.Attempt();
        calls.Close();
        await Assert.ThrowsAsync<StaleAttemptException>(() => Call(calls, "act", "x"));
        Assert.Empty(bench.Ran);
    }

    private static async Task<Bench> AskedAbout()
    {
        var bench = new Bench();
        bench.Tool("act", ToolEffect.Once, run: _ => throw Lost);
        await Assert.ThrowsAsync<ToolException>(async () => await Call(await bench.Attempt(), "act", "x"));
        await Assert.ThrowsAsync<StepSuspendedException>(() => bench.Attempt());
        return bench;
    }
}
