using AgentMesh.Contracts;

namespace AgentMesh.EngineConformance;

/// <summary>Retries, time limits, budgets.</summary>
public abstract partial class MeshConformance
{
    [Fact(Timeout = Limit)]
    public async Task A_failure_that_may_pass_is_tried_again_with_growing_waits()
    {
        await Begin(mayHoldTime: true);
        var first = TimeSpan.FromMilliseconds(20);
        var goal = await Mesh.Submit(Script.Goal(Script.Step("a", "fail 2 Transient; use put x") with { Retry = new RetryPolicy(3, first, TimeSpan.FromSeconds(1)) }), ct: Ct);
        await Seen<RetryScheduled>(goal, r => r.NextAttempt == 2);
        under!.Pass(first);
        await Seen<RetryScheduled>(goal, r => r.NextAttempt == 3);
        under.Pass(first * 2);
        var entries = await Whole(goal);
        Assert.Equal(GoalStatus.Completed, ((GoalEnded)entries[^1].Event).Status);
        Assert.Equal([1, 2, 3], Of<StepStarted>(entries).Select(s => s.Attempt));
        Assert.Single(Of<StepStarted>(entries).Select(s => s.Agent).Distinct());
        foreach (var entry in entries.Where(e => e.Event is RetryScheduled))
        {
            var retry = (RetryScheduled)entry.Event;
            var failed = entries.Last(e => e.Event is StepFailed && e.Sequence < entry.Sequence);
            // The journal keeps milliseconds of an entry's own time.
            Assert.InRange(retry.DueAt - failed.At - (first * (retry.NextAttempt - 1)), TimeSpan.Zero, TimeSpan.FromMilliseconds(1));
            Assert.True(entries.First(e => e.Event is StepStarted s && s.Attempt == retry.NextAttempt).At >= retry.DueAt - TimeSpan.FromMilliseconds(1));
        }
    }

    [Fact(Timeout = Limit)]
    public async Task A_failure_that_does_not_pass_uses_up_its_attempts()
    {
        await Begin();
        var step = Script.Step("a", "fail 9 Transient") with { Retry = new RetryPolicy(3, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1)) };
        var goal = await Mesh.Submit(Script.Goal(step with { Optional = true }, Script.Step("b", "say on", "a")), ct: Ct);
        await Completed(goal);
        var view = await Mesh.Get(goal, Ct);
        Assert.Equal([(StepStatus.Failed, 3), (StepStatus.Completed, 1)], view.Steps.Select(s => (s.Status, s.Attempts)));
        Assert.Equal(GoalStatus.Failed, (await End(await Mesh.Submit(Script.Goal(step), ct: Ct))).Status);
    }

    [Fact(Timeout = Limit)]
    public async Task A_step_that_takes_too_long_is_stopped_and_tried_again()
    {
        await Begin(mayHoldTime: true);
        var goal = await Mesh.Submit(Script.Goal(Script.Step("a", "hang 1; say done") with
        {
            Timeout = under!.Moment, Retry = new RetryPolicy(9, TimeSpan.Zero, TimeSpan.Zero),
        }), ct: Ct);
        await world.Arrived($"{goal}/a-hangs", 1, Ct);
        under.Pass(under.Moment);
        Assert.Equal((1, FailureKind.Timeout), await Seen<StepFailed>(goal) is var f ? (f.Attempt, f.Kind) : default);
        await Completed(goal);
    }

    [Fact(Timeout = Limit)]
    public async Task The_deadline_ends_a_goal_whose_step_runs()
    {
        await Begin(mayHoldTime: true);
        var goal = await Mesh.Submit(Script.Goal(Script.Step("a", "hang 9")).With(c => c with { Timeout = under!.Moment }), ct: Ct);
        await world.Arrived($"{goal}/a-hangs", 1, Ct);
        under!.Pass(under.Moment);
        var ended = await End(goal);
        Assert.Equal(GoalStatus.Failed, ended.Status);
        Assert.Contains("deadline", ended.Reason, StringComparison.Ordinal);
    }

    [Fact(Timeout = Limit)]
    public async Task The_deadline_ends_a_goal_that_waits_for_a_person()
    {
        await Begin(mayHoldTime: true);
        var goal = await Mesh.Submit(Script.Goal(Mails).With(c => c with { Timeout = under!.Moment }), ct: Ct);
        var asked = Assert.Single((await Waiting(goal)).OpenApprovals);
        under!.Pass(under.Moment);
        var ended = await End(goal);
        Assert.Equal(GoalStatus.Failed, ended.Status);
        Assert.Contains("deadline", ended.Reason, StringComparison.Ordinal);
        Assert.Equal("request-closed", await Code(() => Mesh.Decide(goal, Approve(asked), Ct)));
        Assert.Empty(world.Effects(goal.Value));
    }

    [Fact(Timeout = Limit)]
    public async Task A_deadline_outlives_a_crash()
    {
        await Begin(mayHoldTime: true);
        var goal = await Mesh.Submit(Script.Goal(Mails).With(c => c with { Timeout = under!.Moment }), ct: Ct);
        await Waiting(goal);
        await CrashAndRestart();
        under!.Pass(under.Moment);
        Assert.Equal(GoalStatus.Failed, (await End(goal)).Status);
    }

    [Fact(Timeout = Limit)]
    public async Task Parallel_steps_never_overrun_the_budget_together()
    {
        var steps = Enumerable.Range(1, 6).Select(i => Script.Step($"s{i}", "arrive all; hold gate; calls 4")).ToList();
        var goal = await Begin(Script.Goal(steps).With(c => c with { Budget = new Budget { ToolCalls = 10 } }));
        await world.Arrived($"{goal}/all", steps.Count, Ct);
        world.OpenGate($"{goal}/gate");
        var entries = await Whole(goal);
        Assert.Equal(GoalStatus.Failed, ((GoalEnded)entries[^1].Event).Status);
        Assert.Contains(Of<StepFailed>(entries), f => f.Kind == FailureKind.Budget);
        Assert.InRange(Of<ToolReturned>(entries).Count, 1, 10);
        Assert.InRange((await Mesh.Get(goal, Ct)).Usage.ToolCalls, 1, 10);
    }

    [Fact(Timeout = Limit)]
    public async Task A_budget_that_is_enough_is_used_to_the_last_call()
    {
        var goal = await Begin(Script.Goal(Script.Step("a", "calls 4"), Script.Step("b", "use put x; use send y")).With(c => c with { Budget = new Budget { ToolCalls = 6 } }));
        await Completed(goal);
        Assert.Equal(6, (await Mesh.Get(goal, Ct)).Usage.ToolCalls);
    }
}
