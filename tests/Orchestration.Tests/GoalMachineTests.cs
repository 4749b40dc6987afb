using AgentMesh.Contracts;

namespace AgentMesh.Orchestration.Tests;

public sealed class GoalMachineTests
{
    [Fact]
    public void Steps_start_when_their_inputs_are_there_and_the_goal_completes_with_the_last()
    {
        var given = Given.Planned(Given.Step("a"), Given.Step("b"), Given.Step("c", "a", "b"));
        Assert.Equal([StepStatus.Running, StepStatus.Running, StepStatus.Pending], given.State!.Steps.Select(s => s.Status));
        given.Then(Given.Completed("a"));
        Assert.Equal(StepStatus.Pending, given.Status("c"));
        given.Then(Given.Completed("b"));
        Assert.Contains(new Command.RunStep(new("c"), 1), given.Commands);
        given.Then(Given.Completed("c"));
        Assert.Equal(GoalStatus.Completed, given.State!.Status);
        Assert.Equal([new ArtifactId("c")], given.State.Ended!.Result);
        Assert.Contains(new Command.Retire(), given.Commands);
    }

    [Theory]
    [InlineData("""{"label":"a"}""", StepStatus.Running)]
    [InlineData("""{"label":"b"}""", StepStatus.Skipped)]
    public void A_condition_decides_whether_a_step_runs(string value, StepStatus then)
    {
        var given = Given.Planned(Given.Step("a"), Given.Step("b", "a") with { When = "a.label == 'a'" }).Then(Given.Completed("a", value: value));
        Assert.Equal(then, given.Status("b"));
    }

    [Fact]
    public void A_failure_that_may_pass_is_tried_again_later_and_later()
    {
        var given = Given.Planned(Given.Step("a") with { Retry = new RetryPolicy(4, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(25)) });
        var waits = new List<double>();
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            given.Then(Given.Failed("a", attempt));
            var timer = Assert.IsType<Command.StartTimer>(Assert.Single(given.Commands));
            // The decision is recorded a second after the failure, from the failure's time on.
            waits.Add((timer.DueAt - given.Journal[^2].At).TotalSeconds);
            given.Then(new TimerFired(timer.Timer));
            Assert.Equal((StepStatus.Running, attempt + 1), (given.Status("a"), given.State!.Step(new("a"))!.Attempt));
        }

        Assert.Equal([10, 20, 25], waits);
        given.Then(Given.Failed("a", 4));
        Assert.Equal(2, given.State!.Planning);
    }

    [Theory]
    [InlineData(FailureKind.Permanent)]
    [InlineData(FailureKind.Budget)]
    public void Other_failures_are_not_tried_again(FailureKind kind) =>
        Assert.DoesNotContain(Given.Planned(Given.Step("a")).Then(Given.Failed("a", kind: kind)).Journal, e => e.Event is RetryScheduled);

    [Fact]
    public void An_optional_steps_failure_is_a_warning_and_its_reader_goes_on()
    {
        var given = Given.Planned(Given.Step("a") with { Optional = true }, Given.Step("b", "a")).Then(Given.Failed("a", kind: FailureKind.Permanent));
        Assert.Equal(StepStatus.Running, given.Status("b"));
        Assert.Single(given.State!.Warnings);
    }

    [Fact]
    public void A_suspended_step_comes_back_when_it_is_decided()
    {
        var given = Given.Planned(Given.Step("a")).Then(Given.Approval("a", "r")).Then(Given.Suspended("a", "r"));
        Assert.Equal(GoalStatus.Waiting, given.State!.Status);
        given.Then(new ApprovalDecided(new("r"), ApprovalVerdict.Approved, "ann"));
        Assert.Equal(new Command.RunStep(new("a"), 1), Assert.Single(given.Commands));
    }

    [Fact]
    public void An_approval_that_was_asked_under_another_plan_is_asked_again()
    {
        var given = Given.Planned(Given.Step("a")).Then(Given.Approval("a", "r")).Then(new MessageReceived("ann", "news"));
        given.Then(new PlanAccepted(Given.Plan(2, Given.Step("a")))).Then(Given.Suspended("a", "r"));
        Assert.True(given.State!.Request(new("r"))!.Withdrawn);
        Assert.Equal(new Command.RunStep(new("a"), 1), Assert.Single(given.Commands));
    }

    [Fact]
    public void A_claim_does_not_stand_on_consent_that_was_given_under_another_plan()
    {
        var given = Given.Planned(Given.Step("a")).Then(Given.Approval("a", "r")).Then(new ApprovalDecided(new("r"), ApprovalVerdict.Approved, "ann"));
        Assert.Null(given.Refusal(Given.Claimed("a", 1)));
        given.Then(new MessageReceived("ann", "news")).Then(new PlanAccepted(Given.Plan(2, Given.Step("a"))));
        Assert.Contains("earlier plan", given.Refusal(Given.Claimed("a", 1)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_renewed_claim_forgets_what_people_said_of_the_call_before()
    {
        var given = Given.Planned(Given.Step("a")).Then(Given.Claimed("a", 1)).Then(new ToolUnknown(new("a"), new("a/1"), "act", "lost"));
        given.Then(new QuestionAsked(new("q"), new("a"), "Did it?", [], new("a/1"))).Then(Given.Suspended("a", "q")).Then(new QuestionAnswered(new("q"), "ann", "no"));
        given.Then(Given.Claimed("a", 1));
        Assert.True(given.State!.Request(new("q"))!.Withdrawn);
        Assert.Equal(CallStatus.Claimed, Assert.Single(given.State.Step(new("a"))!.Calls).Status);
    }

    [Fact]
    public void A_new_plan_withdraws_what_it_does_without_and_keeps_what_is_done()
    {
        var given = Given.Planned(Given.Step("a"), Given.Step("b"), Given.Step("c", "b")).Then(Given.Completed("a")).Then(new MessageReceived("ann", "news"));
        given.Then(new PlanAccepted(Given.Plan(2, Given.Step("a"), Given.Step("d", "a"))));
        Assert.Equal(StepStatus.Completed, given.Status("a"));
        Assert.Equal([StepStatus.Cancelled, StepStatus.Cancelled], [given.Status("b"), given.Status("c")]);
        Assert.Contains(given.Commands, c => c is Command.StopStep { Step.Value: "b" });
        Assert.Contains(new Command.RunStep(new("d"), 1), given.Commands);
    }

    [Fact]
    public void A_plan_that_is_overtaken_by_a_failure_and_refused_is_made_anew()
    {
        var given = Given.Planned(Given.Step("a"), Given.Step("b")).Then(Given.Failed("a", kind: FailureKind.Permanent)).Then(Given.Failed("b", kind: FailureKind.Permanent));
        given.Then(new PlanRejected(2, ["b has ended"]));
        Assert.Null(given.State!.Ending);
        Assert.Equal((2, 2), (given.State.Planning, given.State.Replans));
    }

    [Fact]
    public void A_refused_replan_is_fatal_only_for_a_failure_of_the_plan_in_force()
    {
        var given = Given.Planned(Given.Step("a")).Then(Given.Failed("a", kind: FailureKind.Permanent)).Then(new PlanAccepted(Given.Plan(2, Given.Step("b"))));
        given.Then(new MessageReceived("ann", "news")).Then(new PlanRejected(3, ["nothing better"]));
        Assert.Equal(StepStatus.Running, given.Status("b"));
        Assert.Null(given.State!.Ending);
    }

    [Fact]
    public void What_the_orchestrator_asked_is_withdrawn_by_the_next_plan()
    {
        var given = Given.Submitted().Then(new PlanRejected(1, ["nothing fits"]));
        var question = Assert.Single(given.State!.Requests);
        Assert.Equal(GoalStatus.Waiting, given.State.Status);
        given.Then(new MessageReceived("ann", "more"));
        Assert.True(given.State!.Request(question.Id)!.Withdrawn);
        Assert.NotNull(given.Refusal(new QuestionAnswered(question.Id, "ann", "late")));
    }

    [Fact]
    public void Helpers_join_the_plan_and_their_parent_comes_back_when_they_are_over()
    {
        var given = Given.Planned(Given.Step("a"));
        given.Then(new StepsSpawned(new("a"), 1, [Given.Step("h1"), Given.Step("h2", "h1")], Rationale.Because("help")));
        Assert.Equal((StepStatus.Delegating, 2), (given.Status("a"), given.State!.Step(new("h1"))!.Definition.Depth));
        given.Then(Given.Completed("h1")).Then(Given.Failed("h2", kind: FailureKind.Permanent));
        Assert.Contains(new Command.RunStep(new("a"), 1), given.Commands);
        Assert.Equal(GoalStatus.Completed, given.Then(Given.Completed("a")).State!.Status);
    }

    [Fact]
    public void A_cancel_stops_what_runs_and_ends_the_goal_when_it_let_go_or_after_the_grace_period()
    {
        var given = Given.Planned(Given.Step("a")).Then(new CancelRequested("ann", "not needed"));
        Assert.Contains(given.Commands, c => c is Command.StopStep { Step.Value: "a" });
        Assert.Contains(given.Commands, c => c is Command.StartTimer { Timer: Timers.Grace });
        Assert.Null(given.State!.Ended);
        Assert.Equal(GoalStatus.Cancelled, given.Then(new TimerFired(Timers.Grace)).State!.Status);
    }

    [Fact]
    public void A_step_that_suspends_while_the_goal_ends_does_not_keep_it()
    {
        var given = Given.Planned(Given.Step("a")).Then(Given.Approval("a", "r")).Then(new CancelRequested("ann", "not needed"));
        Assert.Equal(GoalStatus.Cancelled, given.Then(Given.Suspended("a", "r")).State!.Status);
    }

    [Fact]
    public void A_call_that_nobody_knows_of_is_said_at_the_end()
    {
        var given = Given.Planned(Given.Step("a")).Then(Given.Claimed("a", 1)).Then(new CancelRequested("ann", "no")).Then(Given.Failed("a"));
        Assert.Contains("a/1", Assert.Single(given.State!.Warnings), StringComparison.Ordinal);
    }
}
