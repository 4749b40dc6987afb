using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.EngineConformance;
using AgentMesh.Runtime.InMemory;

namespace AgentMesh.Local.Tests;

public sealed class LocalEngineTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_goal_runs_from_submission_to_result()
    {
        await using var mesh = new Mesh((_, _, _) => Task.FromResult(Mesh.Done));
        var goal = await mesh.Face.Submit(Mesh.Spec(), ct: Ct);
        var ended = await mesh.End(goal);

        Assert.Equal(GoalStatus.Completed, ended.Status);
        Assert.Equal([new ArtifactId("a")], ended.Result);
        var view = await mesh.Face.Get(goal, Ct);
        Assert.Equal(StepStatus.Completed, Assert.Single(view.Steps).Status);
        Assert.Equal(GoalStatus.Completed, Assert.Single(await mesh.Face.List(new GoalQuery(), Ct)).Status);
    }

    [Fact]
    public async Task Many_goals_of_many_tenants_run_at_once_and_all_end()
    {
        await using var mesh = new Mesh(async (_, _, _) =>
        {
            await Task.Yield();
            return Mesh.Done;
        }, new LocalOptions { MaxRunning = 8, MaxActiveGoals = 40 });
        var goals = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => mesh.Face.Submit(Mesh.Spec($"tenant-{i % 7}"), ct: Ct)));
        var ends = await Task.WhenAll(goals.Select(mesh.End));
        Assert.All(ends, e => Assert.Equal(GoalStatus.Completed, e.Status));
        Assert.Empty(await mesh.Journal.Unfinished(Ct));
    }

    [Fact]
    public async Task A_submit_waits_for_room_and_is_refused_when_its_patience_ends()
    {
        var time = new ManualTime();
        var hold = new TaskCompletionSource();
        await using var mesh = new Mesh(async (_, _, _) => { await hold.Task; return Mesh.Done; }, new LocalOptions { MaxActiveGoals = 1 }, time: time);
        var first = await mesh.Face.Submit(Mesh.Spec(), ct: Ct);

        var second = mesh.Face.Submit(Mesh.Spec(), ct: Ct);
        Assert.False(second.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("overloaded", (await Assert.ThrowsAsync<MeshException>(() => second)).Code);

        var third = mesh.Face.Submit(Mesh.Spec(), ct: Ct);
        hold.SetResult();
        await mesh.End(first);
        Assert.Equal(GoalStatus.Completed, (await mesh.End(await third)).Status);
    }

    [Fact]
    public async Task A_repeated_submit_is_the_same_goal_and_costs_no_room()
    {
        var hold = new TaskCompletionSource();
        await using var mesh = new Mesh(
            async (_, _, _) => { await hold.Task; return Mesh.Done; }, new LocalOptions { MaxActiveGoals = 3, SubmitPatience = TimeSpan.Zero });
        for (var i = 0; i < 10; i++) Assert.Equal(new GoalId("mine"), await mesh.Face.Submit(Mesh.Spec(), new GoalId("mine"), Ct));
        var others = new[] { await mesh.Face.Submit(Mesh.Spec(), ct: Ct), await mesh.Face.Submit(Mesh.Spec(), ct: Ct) };
        hold.SetResult();
        await mesh.End(new GoalId("mine"));
        foreach (var other in others) await mesh.End(other);
        Assert.Single((await mesh.Journal.Read(new GoalId("mine"), ct: Ct)).Select(e => e.Event).OfType<GoalSubmitted>());
    }

    [Fact]
    public async Task A_goal_that_waits_for_a_person_gives_its_room_to_others()
    {
        await using var mesh = new Mesh(
            (work, _, _) => Task.FromResult(work.Spec.Tenant == "asks" && work.Answers.Count == 0 ? new StepOutcome.Ask("Go on?", ["yes"]) : Mesh.Done),
            new LocalOptions { MaxActiveGoals = 1 });
        var asks = await mesh.Face.Submit(Mesh.Spec("asks"), ct: Ct);
        await foreach (var entry in mesh.Face.Events(asks, follow: true, ct: Ct))
            if (entry.Event is StepSuspended) break;

        await mesh.End(await mesh.Face.Submit(Mesh.Spec(), ct: Ct));
        await mesh.Face.Answer(asks, new QuestionAnswered(new RequestId("ask-a-1"), "ann", "yes"), Ct);
        Assert.Equal(GoalStatus.Completed, (await mesh.End(asks)).Status);
    }

    [Fact]
    public async Task Answering_the_same_twice_is_no_error_and_otherwise_is()
    {
        await using var mesh = new Mesh((work, _, _) => Task.FromResult(work.Answers.Count == 0 ? new StepOutcome.Ask("Go on?", []) : Mesh.Done));
        var goal = await mesh.Face.Submit(Mesh.Spec(), ct: Ct);
        await foreach (var entry in mesh.Face.Events(goal, follow: true, ct: Ct))
            if (entry.Event is StepSuspended) break;

        var answer = new QuestionAnswered(new RequestId("ask-a-1"), "ann", "yes");
        await mesh.Face.Answer(goal, answer, Ct);
        await mesh.Face.Answer(goal, answer, Ct);
        Assert.Equal("request-closed", (await Assert.ThrowsAsync<MeshException>(() => mesh.Face.Answer(goal, answer with { Answer = "no" }, Ct))).Code);
    }

    [Fact]
    public async Task A_journal_that_is_away_for_a_while_costs_time_and_nothing_else()
    {
        var journal = new FlakyJournal(new InMemoryJournal());
        var entered = new TaskCompletionSource();
        var hold = new TaskCompletionSource();
        await using var mesh = new Mesh(
            async (_, _, _) => { entered.TrySetResult(); await hold.Task; return Mesh.Done; },
            new LocalOptions { ReloadDelay = TimeSpan.FromMilliseconds(1) }, journal);
        var goal = await mesh.Face.Submit(Mesh.Spec(), ct: Ct);
        await entered.Task.WaitAsync(Ct);
        journal.FailNext(5);
        hold.SetResult();
        GoalStatus status;
        do
        {
            await Task.Yield();
            status = (await mesh.Face.List(new GoalQuery(), Ct))[0].Status;
        }
        while (status is GoalStatus.Running or GoalStatus.Planning);
        Assert.Equal(GoalStatus.Completed, status);
        Assert.Single((await mesh.Journal.Read(goal, ct: Ct)).Select(e => e.Event).OfType<StepCompleted>());
    }

    [Fact]
    public async Task A_submit_that_could_not_be_made_durable_says_so()
    {
        var journal = new FlakyJournal(new InMemoryJournal());
        await using var mesh = new Mesh((_, _, _) => Task.FromResult(Mesh.Done), new LocalOptions { MaxActiveGoals = 1, ReloadDelay = TimeSpan.FromMilliseconds(1) }, journal);
        journal.FailNext(1);
        Assert.Equal("journal-unavailable", (await Assert.ThrowsAsync<MeshException>(() => mesh.Face.Submit(Mesh.Spec(), ct: Ct))).Code);
        await mesh.End(await mesh.Face.Submit(Mesh.Spec(), ct: Ct));
    }

    [Fact]
    public async Task Stopping_in_the_middle_of_work_leaves_the_goal_to_the_next_start()
    {
        var journal = new InMemoryJournal();
        var entered = new TaskCompletionSource();
        var stopped = new TaskCompletionSource();
        GoalId goal;
        await using (var first = new Mesh(
            async (_, _, ct) =>
            {
                entered.TrySetResult();
                ct.Register(() => stopped.TrySetResult());
                await new TaskCompletionSource().Task.WaitAsync(ct);
                return Mesh.Done;
            }, journal: journal))
        {
            goal = await first.Face.Submit(Mesh.Spec(), ct: Ct);
            await entered.Task.WaitAsync(Ct);
        }

        await stopped.Task.WaitAsync(Ct);
        Assert.DoesNotContain(await journal.Read(goal, ct: Ct), e => e.Event is StepFailed or GoalEnded);

        await using var second = new Mesh((_, _, _) => Task.FromResult(Mesh.Done), journal: journal);
        Assert.Equal(1, await second.Engine.Recover(Ct));
        Assert.Equal(GoalStatus.Completed, (await second.End(goal)).Status);
    }

    [Fact]
    public async Task Cancelling_reaches_the_running_step()
    {
        var entered = new TaskCompletionSource();
        await using var mesh = new Mesh(async (_, _, ct) =>
        {
            entered.TrySetResult();
            await new TaskCompletionSource().Task.WaitAsync(ct);
            return Mesh.Done;
        });
        var goal = await mesh.Face.Submit(Mesh.Spec(), ct: Ct);
        await entered.Task.WaitAsync(Ct);
        await mesh.Face.Cancel(goal, new CancelRequested("ann", "not needed"), Ct);
        Assert.Equal(GoalStatus.Cancelled, (await mesh.End(goal)).Status);
    }

    [Fact]
    public async Task A_goal_past_its_deadline_fails_and_its_step_is_stopped()
    {
        var time = new ManualTime();
        var entered = new TaskCompletionSource();
        await using var mesh = new Mesh(async (_, _, ct) =>
        {
            entered.TrySetResult();
            await new TaskCompletionSource().Task.WaitAsync(ct);
            return Mesh.Done;
        }, time: time);
        var goal = await mesh.Face.Submit(Mesh.Spec(timeout: TimeSpan.FromSeconds(90)), ct: Ct);
        await entered.Task.WaitAsync(Ct);
        time.Advance(TimeSpan.FromSeconds(90));
        var ended = await mesh.End(goal);
        Assert.Equal(GoalStatus.Failed, ended.Status);
        Assert.Contains("deadline", ended.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_follower_that_stalls_misses_nothing()
    {
        var hold = new TaskCompletionSource();
        var entered = new TaskCompletionSource();
        await using var mesh = new Mesh(async (_, _, _) => { entered.TrySetResult(); await hold.Task; return Mesh.Done; });
        var goal = await mesh.Face.Submit(Mesh.Spec(), ct: Ct);
        await entered.Task.WaitAsync(Ct);

        var seen = new List<long>();
        await using var events = mesh.Face.Events(goal, follow: true, ct: Ct).GetAsyncEnumerator(Ct);
        Assert.True(await events.MoveNextAsync());
        seen.Add(events.Current.Sequence);
        for (var i = 0; i < 600; i++) await mesh.Face.Tell(goal, new MessageReceived("ann", $"news {i}"), Ct);
        hold.SetResult();
        while (await events.MoveNextAsync()) seen.Add(events.Current.Sequence);

        Assert.True(seen.Count > 600);
        Assert.Equal(Enumerable.Range(1, seen.Count).Select(i => (long)i), seen);
    }
}
