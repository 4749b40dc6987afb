using AgentMesh.Contracts;
using AgentMesh.Runtime;

namespace AgentMesh.EngineConformance;

/// <summary>Effects, and what a crash may not do to them; many goals at once; the list.</summary>
public abstract partial class MeshConformance
{
    [Fact(Timeout = Limit)]
    public async Task A_tool_with_an_effect_is_claimed_before_and_receipted_after_once()
    {
        var goal = await Begin(Script.Goal(Script.Step("a", "use look l; use put p; use send s; use post o; use put p")));
        var entries = await Whole(goal);
        string[] tools = [ScriptTool.Put, ScriptTool.Send, ScriptTool.Post];
        Assert.Equal(tools, Of<ToolClaimed>(entries).Select(c => c.Tool));
        Assert.Equal([ScriptTool.Look, .. tools], Of<ToolReturned>(entries).Select(r => r.Tool));
        foreach (var claim in Of<ToolClaimed>(entries))
        {
            Assert.Equal($"{goal}/{claim.Call}", claim.Key);
            Assert.True(At(entries, claim) < entries.First(e => e.Event is ToolReturned r && r.Call == claim.Call).Sequence);
        }

        Assert.Equal(tools.Order(StringComparer.Ordinal), world.Effects(goal.Value).Select(e => e.Tool).Order(StringComparer.Ordinal));
        Assert.All(world.Effects(goal.Value), e => Assert.Equal(1, e.Times));
    }

    [Fact(Timeout = Limit)]
    public async Task A_crash_during_a_step_resumes_it_with_its_recorded_calls()
    {
        var goal = await Begin(Script.Goal(Script.Step("a", "use look l; use send s; hold gate; say done"), Script.Step("b", "join", "a")));
        await world.Arrived($"{goal}/gate", 1, Ct);
        // The receipt may be on its way still: whatever the journal has of it, there is one effect.
        await CrashAndRestart($"{goal}/gate");
        var entries = await Whole(goal);
        Assert.Equal(GoalStatus.Completed, ((GoalEnded)entries[^1].Event).Status);
        Assert.Equal(1, Assert.Single(world.Effects(goal.Value)).Times);
        Assert.Single(Of<StepCompleted>(entries).Where(s => s.Step == new StepId("a")));
        Assert.All(Of<StepStarted>(entries), s => Assert.Equal(1, s.Attempt));
    }

    [Theory(Timeout = Limit)]
    [InlineData(ScriptTool.Send, "gate -", 1)]
    [InlineData(ScriptTool.Send, "- gate", 1)]
    [InlineData(ScriptTool.Put, "gate -", 1)]
    [InlineData(ScriptTool.Put, "- gate", 2)]
    public async Task A_crash_with_an_open_claim_ends_with_exactly_one_effect(string tool, string gates, int requests)
    {
        var goal = await Begin(Script.Goal(Script.Step("a", $"must {tool} hello {gates}")));
        await world.Arrived($"{goal}/gate", 1, Ct);
        await CrashAndRestart($"{goal}/gate");
        var entries = await Whole(goal);
        Assert.Equal(GoalStatus.Completed, ((GoalEnded)entries[^1].Event).Status);
        var effect = Assert.Single(world.Effects(goal.Value));
        // An idempotent request may come twice under its key; the world does it once.
        Assert.Equal(($"{goal}/a/1", requests), (effect.Key, effect.Times));
        Assert.Single(Of<ToolReturned>(entries));
    }

    [Theory(Timeout = Limit)]
    [InlineData("gate -", EffectLedger.DidNotHappen)]
    [InlineData("- gate", EffectLedger.Happened)]
    public async Task A_crash_that_nobody_but_a_person_can_judge_asks_one(string gates, string answer)
    {
        var goal = await Begin(Script.Goal(Script.Step("a", $"must post hello {gates}")));
        await world.Arrived($"{goal}/gate", 1, Ct);
        await CrashAndRestart($"{goal}/gate");
        var asked = Assert.Single((await Waiting(goal)).OpenQuestions);
        Assert.Equal(new CallId("a/1"), asked.Call);
        await Mesh.Answer(goal, new QuestionAnswered(asked.Request, "ann", answer), Ct);
        await Completed(goal);
        Assert.Equal(1, Assert.Single(world.Effects(goal.Value)).Times);
    }

    [Fact(Timeout = Limit)]
    public async Task A_crash_during_an_approval_leaves_it_waiting_and_then_made_once()
    {
        var goal = await Begin(Script.Goal(Script.Step("a", "use look l; use mail hello")));
        var before = Assert.Single((await Waiting(goal)).OpenApprovals);
        await CrashAndRestart();
        var after = Assert.Single((await Waiting(goal)).OpenApprovals);
        Assert.Equal(before.Request, after.Request);
        await Mesh.Decide(goal, Approve(after), Ct);
        await Completed(goal);
        Assert.Equal(1, Assert.Single(world.Effects(goal.Value)).Times);
    }

    [Fact(Timeout = Limit)]
    public async Task A_crash_during_a_retrys_wait_and_a_crash_among_helpers_lose_nothing()
    {
        var goal = await Begin(Script.Goal(
            Script.Step("a", "fail 1 Transient; use send a") with { Retry = new RetryPolicy(3, TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(50)) },
            Script.Step("b", "spawn 2 hold gate | use send h; say b"), Script.Step("c", "join", "a", "b")));
        await Seen<RetryScheduled>(goal);
        await world.Arrived($"{goal}/gate", 2, Ct);
        await CrashAndRestart($"{goal}/gate");
        await Completed(goal);
        Assert.Equal(3, world.Effects(goal.Value).Count);
        Assert.All(world.Effects(goal.Value), e => Assert.Equal(1, e.Times));
    }

    [Fact(Timeout = Limit)]
    public async Task Crash_after_crash_many_goals_end_with_one_effect_each()
    {
        await Begin();
        var specs = Script.Goal(Script.Step("a", "use send a"), Script.Step("b", "hold gate; use put b"), Script.Step("c", "join; use send c; hold late", "a", "b"));
        var goals = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => Mesh.Submit(specs with { Tenant = $"tenant-{i % 3}" }, ct: Ct)));
        await Task.WhenAll(goals.Select(g => world.Arrived($"{g}/gate", 1, Ct)));
        await CrashAndRestart([.. goals.Take(12).Select(g => $"{g}/gate")]);
        await Task.WhenAll(goals.Take(12).Select(g => world.Arrived($"{g}/late", 1, Ct)));
        await CrashAndRestart([.. goals.Select(g => $"{g}/late"), .. goals.Skip(12).Select(g => $"{g}/gate")]);
        foreach (var goal in goals)
        {
            await Completed(goal);
            var effects = world.Effects(goal.Value);
            Assert.Equal(3, effects.Count);
            Assert.All(effects.Where(e => e.Tool != ScriptTool.Put), e => Assert.Equal(1, e.Times));
        }
    }

    [Fact(Timeout = Limit)]
    public async Task Many_goals_of_many_tenants_run_at_once_and_all_end()
    {
        await Begin();
        var spec = Script.Goal(Script.Step("a", "use put a"), Script.Step("b", "use send b", "a"), Script.Step("c", "say c", "a"), Script.Step("d", "join", "b", "c"));
        var goals = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Mesh.Submit(spec with { Tenant = $"tenant-{i % 7}" }, ct: Ct)));
        var ends = await Task.WhenAll(goals.Select(End));
        Assert.All(ends, e => Assert.Equal(GoalStatus.Completed, e.Status));
        Assert.All(goals, g => Assert.Equal(["a", "b"], world.Effects(g.Value).Select(e => e.Text)));
    }

    [Fact(Timeout = Limit)]
    public async Task The_list_comes_newest_first_in_pages_without_gap_or_repeat()
    {
        await Begin();
        var spec = Script.Goal(Script.Step("a", "say hello"));
        var goals = new List<GoalId>();
        for (var i = 0; i < 23; i++) goals.Add(await Mesh.Submit(spec with { Tenant = i % 2 == 0 ? "even" : "odd", Text = new string('x', 300) }, new GoalId($"g{i:00}"), Ct));
        foreach (var goal in goals) await Completed(goal);

        var seen = new List<GoalId>();
        while (await Mesh.List(new GoalQuery(Limit: 5, Before: seen.Count == 0 ? null : seen[^1]), Ct) is { Count: > 0 } page)
        {
            Assert.True(page.Count <= 5);
            seen.AddRange(page.Select(p => p.Goal));
        }

        Assert.Equal(Enumerable.Reverse(goals), seen);
        Assert.Equal(12, (await Mesh.List(new GoalQuery("even"), Ct)).Count);
        Assert.Empty(await Mesh.List(new GoalQuery(Statuses: [GoalStatus.Failed, GoalStatus.Running]), Ct));
        var line = (await Mesh.List(new GoalQuery("odd", [GoalStatus.Completed], 1), Ct)).Single();
        Assert.Equal((new GoalId("g21"), "odd", GoalStatus.Completed, 200), (line.Goal, line.Tenant, line.Status, line.Text.Length));
    }

    private static long At(IEnumerable<JournalEntry> entries, GoalEvent e) => entries.First(x => ReferenceEquals(x.Event, e)).Sequence;
}
