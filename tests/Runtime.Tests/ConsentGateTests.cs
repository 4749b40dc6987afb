using AgentMesh.Agents;
using AgentMesh.Contracts;

namespace AgentMesh.Runtime.Tests;

public sealed class ConsentGateTests
{
    private static readonly RequestId First = new("approve-a-1");

    [Fact]
    public async Task Nothing_is_claimed_or_run_before_a_person_approved()
    {
        var bench = await Asked();
        Assert.Empty(bench.Ran);
        Assert.Empty(bench.Journal.OfType<ToolClaimed>());
        Assert.Equal(StepStatus.Suspended, bench.State!.Step(Bench.Step)!.Status);
        Assert.Single(bench.Journal.OfType<StepSuspended>());
    }

    [Fact]
    public async Task An_approved_call_runs_with_exactly_its_arguments()
    {
        var bench = await Asked();
        Decide(bench, ApprovalVerdict.Approved);
        await Call(bench, "x");
        Assert.Equal("""g/a/1 {"text":"x"}""", Assert.Single(bench.Ran));
    }

    [Fact]
    public async Task A_rejected_call_is_refused_with_the_reason_and_not_asked_again()
    {
        var bench = await Asked();
        Decide(bench, ApprovalVerdict.Rejected);
        Assert.Contains("better not", (await Call(bench, "x")).Error, StringComparison.Ordinal);
        Assert.Contains("better not", (await Call(bench, "x")).Error, StringComparison.Ordinal);
        Assert.Empty(bench.Ran);
        Assert.Single(bench.Journal.OfType<ApprovalRequested>());
    }

    [Fact]
    public async Task An_edited_call_runs_with_the_edit_and_once()
    {
        var bench = await Asked();
        Decide(bench, ApprovalVerdict.Edited, "y");
        var calls = await bench.Attempt();
        await calls.Call("act", Bench.Arguments("x"), CancellationToken.None);
        await calls.Call("act", Bench.Arguments("x"), CancellationToken.None);
        Assert.Equal("""g/a/1 {"text":"y"}""", Assert.Single(bench.Ran));
    }

    [Fact]
    public async Task An_edit_against_the_schema_is_refused()
    {
        var bench = await Asked();
        Assert.Null(bench.Post([new ApprovalDecided(First, ApprovalVerdict.Edited, "ann", null, MeshJson.Parse("""{"text":5}"""))]));
        Assert.Contains("schema", (await Call(bench, "x")).Error, StringComparison.Ordinal);
        Assert.Empty(bench.Ran);
    }

    [Fact]
    public async Task An_approval_serves_no_other_arguments()
    {
        var bench = await Asked();
        Decide(bench, ApprovalVerdict.Approved);
        await Assert.ThrowsAsync<StepSuspendedException>(() => Call(bench, "z"));
        Assert.Empty(bench.Ran);
    }

    [Fact]
    public async Task An_approval_serves_no_later_plan()
    {
        var bench = await Asked();
        Decide(bench, ApprovalVerdict.Approved);
        var before = await bench.Attempt();
        Assert.Null(bench.Post([new MessageReceived("ann", "news")]));
        bench.Accept(2);

        await Assert.ThrowsAsync<StaleAttemptException>(() => before.Call("act", Bench.Arguments("x"), CancellationToken.None));
        await Assert.ThrowsAsync<StepSuspendedException>(() => Call(bench, "x"));
        Assert.Empty(bench.Ran);
        Assert.Equal([1, 2], bench.Journal.OfType<ApprovalRequested>().Select(r => r.PlanVersion));
    }

    [Fact]
    public async Task A_retry_of_an_approved_call_is_not_asked_about_again()
    {
        var bench = await Asked(run: _ => throw new ToolException(FailureKind.Transient, "busy"));
        Decide(bench, ApprovalVerdict.Approved);
        var calls = await bench.Attempt();
        for (var i = 0; i < 2; i++) await Assert.ThrowsAsync<ToolException>(() => calls.Call("act", Bench.Arguments("x"), CancellationToken.None));
        Assert.Single(bench.Journal.OfType<ApprovalRequested>());
        Assert.Equal(2, bench.Ran.Count);
    }

    [Fact]
    public async Task Consent_in_advance_is_written_down_and_none_at_all_refuses()
    {
        var auto = new Bench(ApprovalMode.Auto);
        auto.Tool("act", ToolEffect.Once, ToolApproval.Always);
        await Call(auto, "x");
        Assert.Single(auto.Ran);
        Assert.Equal(ApprovalVerdict.Approved, Assert.Single(auto.Journal.OfType<ApprovalDecided>()).Verdict);

        var never = new Bench(ApprovalMode.Never);
        never.Tool("act", ToolEffect.Once, ToolApproval.Always);
        Assert.Contains("never", (await Call(never, "x")).Error, StringComparison.Ordinal);
        Assert.Empty(never.Ran);
    }

    [Theory]
    [InlineData(Trust.Untrusted, """{"text":"anything"}""", true)]
    [InlineData(Trust.Untrusted, """{"level":"high"}""", false)]
    [InlineData(Trust.User, """{"text":"anything"}""", false)]
    public async Task Text_that_nobody_vouches_for_needs_consent_where_it_could_say_something(Trust input, string arguments, bool asks)
    {
        var bench = new Bench(input: input);
        bench.Tool("act", ToolEffect.Once, ToolApproval.WhenUntrusted);
        var calls = await bench.Attempt();
        var call = () => calls.Call("act", MeshJson.Parse(arguments), CancellationToken.None);
        if (asks)
        {
            await Assert.ThrowsAsync<StepSuspendedException>(call);
            Assert.Equal(["/text"], bench.Journal.OfType<ApprovalRequested>().Single().Untrusted);
        }
        else
        {
            Assert.Null((await call()).Error);
        }
    }

    private static async Task<Bench> Asked(Func<ToolCall, ToolResult>? run = null)
    {
        var bench = new Bench();
        bench.Tool("act", ToolEffect.Once, ToolApproval.Always, run);
        await Assert.ThrowsAsync<StepSuspendedException>(() => Call(bench, "x"));
        return bench;
    }

    private static void Decide(Bench bench, ApprovalVerdict verdict, string? edit = null) => Assert.Null(bench.Post(
        [new ApprovalDecided(First, verdict, "ann", "better not", edit is null ? null : Bench.Arguments(edit))]));

    private static async Task<ToolAnswer> Call(Bench bench, string text) => await (await bench.Attempt()).Call("act", Bench.Arguments(text), CancellationToken.None);
}
