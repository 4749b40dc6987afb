using System.Text.Json;
using AgentMesh.Agents;
using AgentMesh.Contracts;
using static AgentMesh.Runtime.Tests.Bench;

namespace AgentMesh.Runtime.Tests;

/// <summary>Calls of which a person said that they happened: what they gave is found out, or asked for.</summary>
public sealed class VouchedCallTests
{
    [Fact]
    public async Task An_idempotent_call_that_a_person_saw_happen_is_made_again_for_its_result()
    {
        var bench = new Bench();
        var tool = bench.Tool("act", ToolEffect.Idempotent, run: _ => throw Lost, result: Promised);
        await Vouched(bench);
        tool.Run = _ => new ToolResult(MeshJson.Parse("""{"id":"T-1"}"""));
        Assert.Equal("T-1", (await Call(await bench.Attempt(), "act", "x")).Require().GetProperty("id").GetString());
        Assert.Equal(["g/a/1", "g/a/1"], bench.Ran.Select(r => r.Split(' ')[0]));
    }

    [Fact]
    public async Task A_once_call_that_a_person_saw_happen_is_probed_for_its_result_and_never_made_again()
    {
        var bench = new Bench();
        Reconciliation found = new Reconciliation.DidNotHappen();
        bench.Tool("act", ToolEffect.Once, run: _ => throw Lost, probe: () => found, result: Promised);
        await Vouched(bench);
        await Assert.ThrowsAsync<StepSuspendedException>(() => bench.Attempt());
        Assert.Contains("no trace", bench.State!.Requests[^1].Question!.Question, StringComparison.Ordinal);

        // The person says it again; meanwhile the probe finds it.
        Assert.Null(bench.Post([new QuestionAnswered(bench.State.Requests[^1].Id, "ann", EffectLedger.Happened)]));
        found = new Reconciliation.Happened(new ToolResult(MeshJson.Parse("""{"id":"T-1"}""")));
        Assert.Equal("T-1", (await Call(await bench.Attempt(), "act", "x")).Require().GetProperty("id").GetString());
        Assert.Single(bench.Ran);
    }

    [Fact]
    public async Task What_a_tool_knows_of_its_result_needs_no_person()
    {
        var bench = new Bench();
        bench.Tool("act", ToolEffect.Once, run: _ => throw Lost, probe: () => new Reconciliation.CannotTell("It cannot be asked.", new ToolResult(MeshJson.Parse("""{"id":"n-1"}"""))), result: Promised);
        await Vouched(bench);
        Assert.Equal("n-1", (await Call(await bench.Attempt(), "act", "x")).Require().GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_person_who_vouches_for_a_call_that_nobody_can_look_up_gives_the_fields_that_its_result_must_have()
    {
        var bench = new Bench();
        bench.Tool("act", ToolEffect.Once, run: _ => throw Lost, result: Promised);
        await Vouched(bench);
        foreach (var poor in new[] { "T-1", "{}", """{"id":""}""" })
        {
            await Assert.ThrowsAsync<StepSuspendedException>(() => bench.Attempt());
            var asked = bench.State!.Requests.Single(r => r.IsOpen).Question!;
            Assert.Empty(asked.Choices);
            Assert.Contains("answer with a JSON object that has id,", asked.Question, StringComparison.Ordinal);
            Assert.Null(bench.Post([new QuestionAnswered(asked.Request, "ann", poor)]));
        }

        await Assert.ThrowsAsync<StepSuspendedException>(() => bench.Attempt());
        Assert.Contains("/id", bench.State!.Requests.Single(r => r.IsOpen).Question!.Question, StringComparison.Ordinal);
        Assert.Null(bench.Post([new QuestionAnswered(bench.State.Requests.Single(r => r.IsOpen).Id, "ann", """{"id":"T-1"}""")]));
        var answer = await Call(await bench.Attempt(), "act", "x");
        Assert.Equal(("T-1", Trust.User), (answer.Require().GetProperty("id").GetString(), answer.Trust));
        Assert.Single(bench.Ran);
    }

    [Fact]
    public async Task A_person_who_was_asked_for_the_fields_may_still_say_that_it_did_not_happen()
    {
        var bench = new Bench();
        var tool = bench.Tool("act", ToolEffect.Once, run: _ => throw Lost, result: Promised);
        await Vouched(bench);
        await Assert.ThrowsAsync<StepSuspendedException>(() => bench.Attempt());
        Assert.Null(bench.Post([new QuestionAnswered(bench.State!.Requests[^1].Id, "ann", EffectLedger.DidNotHappen)]));
        tool.Run = null;
        await bench.Attempt();
        Assert.Equal(2, bench.Ran.Count);
    }

    [Fact]
    public async Task A_refused_repeat_of_what_a_person_saw_happen_asks_for_its_fields()
    {
        var bench = new Bench();
        var tool = bench.Tool("act", ToolEffect.Idempotent, run: _ => throw Lost, result: Promised);
        await Vouched(bench);
        tool.Run = _ => throw new ToolException(FailureKind.Permanent, "the key is too old");
        await Assert.ThrowsAsync<StepSuspendedException>(() => bench.Attempt());
        var asked = bench.State!.Requests.Single(r => r.IsOpen).Question!;
        Assert.Contains("the key is too old", asked.Question, StringComparison.Ordinal);
        Assert.Null(bench.Post([new QuestionAnswered(asked.Request, "ann", """{"id":"T-1"}""")]));
        Assert.Equal("T-1", (await Call(await bench.Attempt(), "act", "x")).Require().GetProperty("id").GetString());
    }

    private static readonly JsonElement Promised = MeshJson.Parse("""{"type":"object","required":["id"],"properties":{"id":{"type":"string","minLength":1}}}""");

    /// <summary>A claim whose answer was lost, a person who was asked about it and saw it happen.</summary>
    private static async Task Vouched(Bench bench)
    {
        var calls = await bench.Attempt();
        var lost = await Assert.ThrowsAsync<ToolException>(() => Call(calls, "act", "x"));
        await Assert.ThrowsAsync<StepSuspendedException>(() => calls.AskAbout(calls.OpenClaim!, lost.Message));
        Assert.Null(bench.Post([new QuestionAnswered(bench.State!.Requests[^1].Id, "ann", EffectLedger.Happened)]));
    }
}
