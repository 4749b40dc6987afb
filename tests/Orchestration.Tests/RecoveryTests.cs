using AgentMesh.Contracts;

namespace AgentMesh.Orchestration.Tests;

public sealed class RecoveryTests
{
    [Fact]
    public void A_goal_that_is_over_needs_nothing() =>
        Assert.Empty(Recovery.Commands(Given.Planned(Given.Step("a")).Then(Given.Completed("a")).State!));

    [Fact]
    public void A_plan_in_the_making_is_made_again_and_the_deadline_stands_where_it_stood()
    {
        var state = Given.Submitted(new GoalConstraints { Timeout = TimeSpan.FromMinutes(5) }).State!;
        Assert.Equal([new Command.StartTimer(Timers.Deadline, state.SubmittedAt + TimeSpan.FromMinutes(5)), new Command.MakePlan(1)], Recovery.Commands(state));
    }

    [Fact]
    public void Running_steps_run_again_and_waiting_ones_wait_on()
    {
        var given = Given.Planned(Given.Step("a"), Given.Step("b"), Given.Step("c"), Given.Step("d", "a"));
        given.Then(Given.Failed("b")).Then(Given.Approval("c", "r")).Then(Given.Suspended("c", "r"));
        var retry = given.State!.Step(new("b"))!.RetryAt!.Value;
        Assert.Equal([new Command.RunStep(new("a"), 1), new Command.StartTimer(Timers.Retry(new("b"), 2), retry)], Recovery.Commands(given.State));
    }

    [Fact]
    public void A_goal_that_was_ending_goes_on_ending()
    {
        var given = Given.Planned(Given.Step("a")).Then(new CancelRequested("ann", "no"));
        Assert.Equal(
            [typeof(Command.StartTimer), typeof(Command.StopStep)], Recovery.Commands(given.State!).Select(c => c.GetType()));
    }

    [Fact]
    public void A_parent_whose_helpers_wait_waits_with_them()
    {
        var given = Given.Planned(Given.Step("a")).Then(new StepsSpawned(new("a"), 1, [Given.Step("h")], Rationale.Because("help")));
        Assert.Equal([new Command.RunStep(new("h"), 1)], Recovery.Commands(given.State!));
    }
}
