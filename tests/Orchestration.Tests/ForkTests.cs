using AgentMesh.Contracts;

namespace AgentMesh.Orchestration.Tests;

/// <summary>What a fork keeps, what it does anew, and when it is refused.</summary>
public sealed class ForkTests
{
    [Fact]
    public void What_does_not_depend_on_the_step_is_kept_and_the_rest_is_done_anew()
    {
        var given = Given.Planned(Given.Step("a", "in-1"), Given.Step("b", "a"), Given.Step("side", "in-1"), Given.Step("c", "b", "side"))
            .Then(Given.Completed("a")).Then(Given.Completed("b")).Then(Given.Completed("side")).Then(Given.Completed("c"));
        Assert.NotNull(given.State!.Ended);

        var forked = Begin(Forking.Of(given.State, new ForkRequest(new("b"), "ann", "another way")));
        Assert.Equal(["a", "side"], Names(forked, StepStatus.Completed));
        Assert.Equal(["b"], Names(forked, StepStatus.Running));
        Assert.Equal(["c"], Names(forked, StepStatus.Pending));
        Assert.Equal(["in-1", "a", "side"], forked.State!.Artifacts.Select(a => a.Id.Value));
        Assert.Equal(("another way", "work"), (forked.State.Step(new("b"))!.Definition.Instruction, forked.State.Step(new("c"))!.Definition.Instruction));
        Assert.Equal((1, "ann", Usage.None), (forked.State.PlanVersion, forked.State.Spec.SubmittedBy, forked.State.Usage));
        // The first to run is the first agent of its role: nobody worked on what was kept.
        Assert.Equal("fork/worker/1", forked.State.Step(new("b"))!.Agent!.Value.Value);

        forked.Then(Given.Completed("b")).Then(Given.Completed("c"));
        Assert.Equal((GoalStatus.Completed, "c"), (forked.State.Status, forked.State.Ended!.Result.Single().Value));
        Assert.Equal("plan", Explanation.Of(forked.Journal)[0].Kind);
        Assert.Contains("ann forked goal g from step b", Explanation.Of(forked.Journal)[0].Why.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_journal_of_a_fork_says_all_that_it_needs()
    {
        var given = Given.Planned(Given.Step("a"), Given.Step("b", "a")).Then(Given.Completed("a"));
        var forked = Begin(Forking.Of(given.State!, new ForkRequest(new("b"), "ann")));
        var again = GoalMachine.Replay(forked.Journal)!;
        Assert.Equal(StepStatus.Running, again.Step(new("b"))!.Status);
        Assert.Equal(Recovery.Commands(forked.State!), Recovery.Commands(again));
        var text = System.Text.Json.JsonSerializer.Serialize(forked.Journal[0], MeshJson.Default.JournalEntry);
        var read = System.Text.Json.JsonSerializer.Deserialize(text, MeshJson.Default.JournalEntry)!;
        Assert.Equal(text, System.Text.Json.JsonSerializer.Serialize(read, MeshJson.Default.JournalEntry));
        Assert.Equal(StepStatus.Completed, GoalMachine.Replay([read])!.Step(new("a"))!.Status);
    }

    [Fact]
    public void A_step_that_is_not_completed_and_has_acted_is_not_done_again_behind_anybodys_back()
    {
        var given = Given.Planned(Given.Step("a"), Given.Step("acts"), Given.Step("b", "a")).Then(Given.Completed("a"));
        // Nothing has happened yet: it may begin again.
        Assert.Equal(["acts", "b"], Names(Begin(Forking.Of(given.State!, new ForkRequest(new("b"), "ann"))), StepStatus.Running).Order(StringComparer.Ordinal));
        given.Then(Given.Claimed("acts", 1));
        Assert.Equal("fork-refused", Assert.Throws<MeshException>(() => Forking.Of(given.State!, new ForkRequest(new("b"), "ann"))).Code);
        // To do that step itself anew is what was asked for.
        Assert.Equal(["a"], Names(Begin(Forking.Of(given.State!, new ForkRequest(new("acts"), "ann"))), StepStatus.Completed));
        given.Then(Given.Returned("acts", 1)).Then(Given.Completed("acts"));
        Assert.Equal(["a", "acts"], Names(Begin(Forking.Of(given.State!, new ForkRequest(new("b"), "ann"))), StepStatus.Completed));
    }

    [Fact]
    public void What_an_optional_failure_or_a_condition_left_out_stays_out_but_not_what_waited_for_a_step_that_is_done_anew()
    {
        var given = Given.Planned(
            Given.Step("a"), Given.Step("maybe") with { Optional = true, Retry = RetryPolicy.Once }, Given.Step("never", "a") with { When = "a.label == 'z'" },
            Given.Step("fails") with { Retry = RetryPolicy.Once }, Given.Step("after", "fails") with { Optional = true }, Given.Step("b", "a"))
            .Then(Given.Completed("a")).Then(Given.Failed("maybe")).Then(Given.Completed("b")).Then(Given.Failed("fails", kind: FailureKind.Permanent));
        var forked = Begin(Forking.Of(given.State!, new ForkRequest(new("b"), "ann")));
        Assert.Equal(["maybe", "never"], Names(forked, StepStatus.Skipped));
        Assert.Equal(["fails", "b"], Names(forked, StepStatus.Running));
        Assert.Equal(["after"], Names(forked, StepStatus.Pending));
    }

    [Fact]
    public void Only_steps_of_a_plan_can_be_forked_from()
    {
        var given = Given.Planned(Given.Step("a"));
        Assert.Equal("step-not-found", Assert.Throws<MeshException>(() => Forking.Of(given.State!, new ForkRequest(new("x"), "ann"))).Code);
        Assert.Equal("step-not-found", Assert.Throws<MeshException>(() => Forking.Of(Given.Submitted().State!, new ForkRequest(new("a"), "ann"))).Code);
        given.Then(new StepsSpawned(new("a"), 1, [Given.Step("a-1")], Rationale.Because("help")));
        Assert.Equal("fork-refused", Assert.Throws<MeshException>(() => Forking.Of(given.State!, new ForkRequest(new("a-1"), "ann"))).Code);
    }

    [Fact]
    public void A_fork_that_does_not_fit_together_is_refused()
    {
        var spec = Forking.Of(Given.Planned(Given.Step("a"), Given.Step("b", "a")).Then(Given.Completed("a")).State!, new ForkRequest(new("b"), "ann"));
        var fork = spec.Fork!;
        Assert.Null(Admission.Refuse(null, new GoalSubmitted(new("fork"), spec)));
        foreach (var odd in new[]
        {
            fork with { Artifacts = [] }, fork with { Artifacts = [.. fork.Artifacts, .. fork.Artifacts] }, fork with { Plan = fork.Plan with { Version = 2 } },
            fork with { Plan = fork.Plan with { Steps = [fork.Plan.Steps[1]] } }, fork with { Done = [.. fork.Done, new(new("x"), null, null, null, "x")] },
        })
            Assert.NotNull(Admission.Refuse(null, new GoalSubmitted(new("fork"), spec with { Fork = odd })));
    }

    private static Given Begin(GoalSpec spec) => new Given().Then(new GoalSubmitted(new("fork"), spec));

    private static IEnumerable<string> Names(Given given, StepStatus status) => given.State!.Steps.Where(s => s.Status == status).Select(s => s.Id.Value);
}
