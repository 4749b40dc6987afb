using AgentMesh.Contracts;

namespace AgentMesh.EngineConformance;

/// <summary>Submitting, reading, following, planning.</summary>
public abstract partial class MeshConformance
{
    [Fact(Timeout = Limit)]
    public async Task A_goal_runs_from_submission_to_result()
    {
        var goal = await Begin(Script.Goal(Script.Step("a", "say hello"), Script.Step("b", "join; say there", "a")));
        var ended = await Completed(goal);
        Assert.Equal([new ArtifactId("b")], ended.Result);
        Assert.Equal("(hello) there", await Text(goal, "b"));

        var view = await Mesh.Get(goal, Ct);
        Assert.Equal(GoalStatus.Completed, view.Status);
        Assert.All(view.Steps, s => Assert.Equal((StepStatus.Completed, 1), (s.Status, s.Attempts)));
        Assert.Equal(GoalStatus.Completed, Assert.Single(await Mesh.List(new GoalQuery(), Ct)).Status);
        Assert.Equal(view.LastSequence, (await Mesh.Wait(goal, Ct)).LastSequence);
    }

    [Fact(Timeout = Limit)]
    public async Task A_plan_that_takes_time_to_make_is_waited_for()
    {
        var goal = await Begin(Script.Goal(Script.Step("a", "say hello")) with { Text = ScriptPlanner.Slowly });
        await Completed(goal);
    }

    [Fact(Timeout = Limit)]
    public async Task Every_role_runs_and_agents_are_numbered_by_role()
    {
        var steps = ConformanceParts.Roles.SelectMany(r => new[] { Script.Step($"{r}-1", "say hello") with { Role = r }, Script.Step($"{r}-2", "join", $"{r}-1") with { Role = r } });
        var goal = await Begin(Script.Goal([.. steps]).With(c => c with { MaxSteps = 20 }));
        await Completed(goal);
        var agents = (await Mesh.Get(goal, Ct)).Steps.Select(s => s.Agent!.Value.Value);
        Assert.Equal(
            ConformanceParts.Roles.SelectMany(r => new[] { $"{goal}/{r}/1", $"{goal}/{r}/2" }).Order(StringComparer.Ordinal), agents.Order(StringComparer.Ordinal));
    }

    [Fact(Timeout = Limit)]
    public async Task The_same_id_twice_is_one_goal_while_it_runs_and_when_it_is_over()
    {
        await Begin();
        var id = new GoalId("mine");
        var spec = Script.Goal(Script.Step("a", "hold gate; use put x"));
        var ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Mesh.Submit(spec, id, Ct)));
        Assert.All(ids, i => Assert.Equal(id, i));
        world.OpenGate("mine/gate");
        var before = await Whole(id);
        Assert.Equal(id, await Mesh.Submit(spec, id, Ct));
        var after = await Whole(id);
        Assert.Equal(before.Count, after.Count);
        Assert.Single(Of<GoalSubmitted>(after));
        Assert.Single(world.Effects("mine"));
    }

    [Fact(Timeout = Limit)]
    public async Task A_bad_submit_is_refused_with_a_code_and_leaves_nothing()
    {
        await Begin();
        var good = Script.Goal(Script.Step("a", "say hello"));
        Assert.Equal("goal-empty", await Code(() => Mesh.Submit(good with { Text = " " }, ct: Ct)));
        Assert.Equal("goal-too-long", await Code(() => Mesh.Submit(good with { Text = new string('x', 100_001) }, ct: Ct)));
        Assert.Equal("playbook-unknown", await Code(() => Mesh.Submit(good with { Playbook = "nowhere" }, ct: Ct)));
        Assert.Equal("kind-unknown", await Code(() => Mesh.Submit(good with { Wants = ["riches"] }, ct: Ct)));
        Assert.Equal("tool-unknown", await Code(() => Mesh.Submit(good.With(c => c with { Tools = ["hammer"] }), ct: Ct)));
        Assert.Equal("timeout-invalid", await Code(() => Mesh.Submit(good.With(c => c with { Timeout = TimeSpan.Zero }), ct: Ct)));
        Assert.Equal("limits-invalid", await Code(() => Mesh.Submit(good.With(c => c with { MaxSteps = 0 }), ct: Ct)));
        Assert.Equal("budget-invalid", await Code(() => Mesh.Submit(good.With(c => c with { Budget = new Budget { ToolCalls = -1 } }), new GoalId("bad"), Ct)));
        Assert.Empty(await Mesh.List(new GoalQuery(), Ct));
        Assert.Equal("goal-not-found", await Code(() => Mesh.Get(new GoalId("bad"), Ct)));
    }

    [Fact(Timeout = Limit)]
    public async Task An_unknown_goal_is_said_to_be_unknown_by_every_call()
    {
        await Begin();
        var nobody = new GoalId("nobody");
        Func<Task>[] calls =
        [
            () => Mesh.Get(nobody, Ct),
            () => Mesh.Wait(nobody, Ct),
            async () => await Mesh.Events(nobody, ct: Ct).ToListAsync(Ct),
            async () => await Mesh.Events(nobody, follow: true, ct: Ct).ToListAsync(Ct),
            () => Mesh.Decide(nobody, new ApprovalDecided(new("x"), ApprovalVerdict.Approved, "ann"), Ct),
            () => Mesh.Answer(nobody, new QuestionAnswered(new("x"), "ann", "yes"), Ct),
            () => Mesh.Tell(nobody, new MessageReceived("ann", "hello"), Ct),
            () => Mesh.Cancel(nobody, new CancelRequested("ann", "why not"), Ct),
        ];
        foreach (var call in calls) Assert.Equal("goal-not-found", await Code(call));
        Assert.Empty(await Mesh.List(new GoalQuery(), Ct));
    }

    [Fact(Timeout = Limit)]
    public async Task Events_come_in_order_without_gap_or_repeat_from_wherever_one_starts()
    {
        var goal = await Begin(Script.Goal(Script.Step("a", "use put x; arrive on; hold gate"), Script.Step("b", "calls 3"), Script.Step("c", "join", "a", "b")));
        var whole = Whole(goal);
        await world.Arrived($"{goal}/on", 1, Ct);
        var middle = Task.Run(() => Mesh.Events(goal, after: 2, follow: true, ct: Ct).ToListAsync(Ct).AsTask(), Ct);
        var now = await Mesh.Events(goal, ct: Ct).ToListAsync(Ct);
        Assert.Equal(Enumerable.Range(1, now.Count).Select(i => (long)i), now.Select(e => e.Sequence));
        Assert.DoesNotContain(now, e => e.Event is GoalEnded);
        world.OpenGate($"{goal}/gate");

        var entries = await whole;
        var sequences = entries.Select(e => e.Sequence).ToList();
        Assert.Equal(sequences.Skip(2), (await middle).Select(e => e.Sequence));
        for (var after = 0; after <= entries.Count; after++)
        {
            Assert.Equal(sequences.Skip(after), (await Mesh.Events(goal, after, ct: Ct).ToListAsync(Ct)).Select(e => e.Sequence));
            if (after < entries.Count)
                Assert.Equal(sequences.Skip(after), (await Mesh.Events(goal, after, follow: true, ct: Ct).ToListAsync(Ct)).Select(e => e.Sequence));
        }
    }

    [Fact(Timeout = Limit)]
    public async Task A_follower_that_stalls_misses_nothing()
    {
        var goal = await Begin(Script.Goal(Script.Step("a", "hold gate")).With(c => c with { MaxReplans = 0 }));
        var seen = new List<long>();
        await using var events = Mesh.Events(goal, follow: true, ct: Ct).GetAsyncEnumerator(Ct);
        Assert.True(await events.MoveNextAsync());
        seen.Add(events.Current.Sequence);
        for (var i = 0; i < 300; i++) await Mesh.Tell(goal, new MessageReceived("ann", $"news {i}"), Ct);
        world.OpenGate($"{goal}/gate");
        while (await events.MoveNextAsync()) seen.Add(events.Current.Sequence);
        Assert.True(seen.Count > 300);
        Assert.Equal(Enumerable.Range(1, seen.Count).Select(i => (long)i), seen);
    }

    [Fact(Timeout = Limit)]
    public async Task Independent_steps_run_at_the_same_time()
    {
        var goal = await Begin(Script.Goal(
            Script.Step("a", "arrive both; hold gate; say a"), Script.Step("b", "arrive both; hold gate; say b"), Script.Step("c", "join", "a", "b")));
        await world.Arrived($"{goal}/both", 2, Ct);
        world.OpenGate($"{goal}/gate");
        await Completed(goal);
        Assert.Equal("(a, b)", await Text(goal, "c"));
    }

    [Fact(Timeout = Limit)]
    public async Task A_condition_decides_what_runs_and_what_depends_on_it()
    {
        var goal = await Begin(Script.Goal(
            Script.Step("a", "label red"),
            Script.Step("b", "use put b", "a") with { When = "a.label == 'red'" },
            Script.Step("c", "use put c", "a") with { When = "a.label == 'blue'" },
            Script.Step("d", "use put d", "c"),
            Script.Step("e", "join", "b")));
        await Completed(goal);
        var view = await Mesh.Get(goal, Ct);
        Assert.Equal(
            [("a", StepStatus.Completed), ("b", StepStatus.Completed), ("c", StepStatus.Skipped), ("d", StepStatus.Skipped), ("e", StepStatus.Completed)],
            view.Steps.Select(s => (s.Step.Value, s.Status)));
        Assert.Equal("b", Assert.Single(world.Effects(goal.Value)).Text);
    }

    [Fact(Timeout = Limit)]
    public async Task What_is_too_large_for_the_journal_reaches_the_next_step_all_the_same()
    {
        var goal = await Begin(Script.Goal(Script.Step("a", "big 50000"), Script.Step("b", "join", "a")));
        await Completed(goal);
        var artifacts = (await Mesh.Get(goal, Ct)).Artifacts.Where(a => a.Origin.Step is not null).ToList();
        Assert.All(artifacts, a => Assert.True(a is { Value: null, Content.Bytes: > 50_000 }));
    }

    [Fact(Timeout = Limit)]
    public async Task News_make_a_new_plan_that_keeps_what_is_done()
    {
        var first = Script.Step("a", "use put a");
        var second = Script.Step("b", "hold never", "a");
        var goal = await Begin(Script.Goal(Script.Plan(first, second), Script.Plan(first, Script.Step("c", "join; use put c", "a"))));
        await world.Arrived($"{goal}/never", 1, Ct);
        await Mesh.Tell(goal, new MessageReceived("ann", "do c, not b"), Ct);
        await Completed(goal);
        var view = await Mesh.Get(goal, Ct);
        Assert.Equal(2, view.Plans.Count);
        Assert.Contains("do c, not b", view.Plans.Count == 2 ? (await Seen<ReplanRequested>(goal)).Why.Reason : "", StringComparison.Ordinal);
        Assert.Equal(
            [("a", StepStatus.Completed, 1), ("b", StepStatus.Cancelled, 1), ("c", StepStatus.Completed, 1)],
            view.Steps.Select(s => (s.Step.Value, s.Status, s.Attempts)));
        Assert.Equal(["a", "c"], world.Effects(goal.Value).Select(e => e.Text));
    }

    [Fact(Timeout = Limit)]
    public async Task A_step_that_fails_for_good_is_planned_around_or_ends_the_goal()
    {
        var first = Script.Step("a", "use put a");
        var goal = await Begin(Script.Goal(Script.Plan(first, Script.Step("b", "fail 1 Permanent", "a")), Script.Plan(first, Script.Step("c", "join", "a"))));
        await Completed(goal);
        Assert.Single(world.Effects(goal.Value));

        var other = await Mesh.Submit(Script.Goal(Script.Step("a", "break")), ct: Ct);
        var ended = await End(other);
        Assert.Equal(GoalStatus.Failed, ended.Status);
        Assert.Contains("The agent has a bug.", ended.Reason, StringComparison.Ordinal);
        Assert.Contains("The script has no plan 2.", ended.Reason, StringComparison.Ordinal);
    }

    [Fact(Timeout = Limit)]
    public async Task Helpers_join_the_plan_and_their_parent_runs_again_when_they_are_done()
    {
        var goal = await Begin(Script.Goal(Script.Step("a", "spawn 3 use put help | say helped; say done")));
        await Completed(goal);
        Assert.Equal("[put help helped, put help helped, put help helped] done", await Text(goal, "a"));
        var view = await Mesh.Get(goal, Ct);
        Assert.Equal(3, view.Steps.Count(s => s.Parent == new StepId("a")));
        Assert.Equal(3, world.Effects(goal.Value).Count);
        Assert.Equal(4, view.Steps.Select(s => s.Agent).Distinct().Count());
    }

    [Fact(Timeout = Limit)]
    public async Task Helpers_may_have_helpers_as_deep_as_the_goal_allows()
    {
        var spec = Script.Goal(Script.Step("a", "spawn 1 spawn 1 say deep"));
        var goal = await Begin(spec);
        await Completed(goal);
        Assert.Equal("[[deep]]", await Text(goal, "a"));

        var shallow = await Mesh.Submit(spec.With(c => c with { MaxDepth = 2 }), ct: Ct);
        var entries = await Whole(shallow);
        Assert.Equal(new StepId("a"), Assert.Single(Of<StepsSpawned>(entries)).Parent);
        Assert.Contains("2 deep", Of<StepFailed>(entries).First(f => f.Step == new StepId("a-h1")).Error, StringComparison.Ordinal);
    }
}
