using AgentMesh.Contracts;

namespace AgentMesh.EngineConformance;

/// <summary>Goals that go on from a step of another one.</summary>
public abstract partial class MeshConformance
{
    [Fact(Timeout = Limit)]
    public async Task A_fork_does_the_step_and_what_depends_on_it_anew_and_repeats_no_effect_from_before()
    {
        var goal = await Begin(Script.Goal(Script.Step("a", "use put first; say one"), Script.Step("side", "use put side; say aside"), Script.Step("b", "join; say two", "a"), Script.Step("c", "join", "b", "side")));
        await Completed(goal);
        var fork = await Mesh.Fork(goal, new ForkRequest(new("b"), "ann", "use put again; join; say three"), ct: Ct);
        Assert.NotEqual(goal, fork);
        await Completed(fork);

        Assert.Contains("three", await Text(fork, "c"), StringComparison.Ordinal);
        Assert.Contains("one", await Text(fork, "c"), StringComparison.Ordinal);
        Assert.DoesNotContain("three", await Text(goal, "c"), StringComparison.Ordinal);
        Assert.Equal(2, world.Effects(goal.Value).Count);
        Assert.Single(world.Effects(fork.Value));
        var view = await Mesh.Get(fork, Ct);
        Assert.Equal((goal, "ann"), (view.Spec.Fork!.Goal, view.Spec.SubmittedBy));
        Assert.Equal([("a", 0), ("b", 1), ("c", 1), ("side", 0)], view.Steps.Select(s => (s.Step.Value, s.Attempts)).OrderBy(s => s.Item1, StringComparer.Ordinal));
    }

    [Fact(Timeout = Limit)]
    public async Task A_fork_goes_on_after_a_crash_and_the_same_fork_twice_is_one_goal()
    {
        var goal = await Begin(Script.Goal(Script.Step("a", "use put first"), Script.Step("b", "say two", "a")));
        await Completed(goal);
        var id = new GoalId("my-fork");
        var request = new ForkRequest(new("b"), "ann", "arrive here; hold gate; join");
        Assert.Equal(id, await Mesh.Fork(goal, request, id, Ct));
        Assert.Equal(id, await Mesh.Fork(goal, request, id, Ct));
        await Seen<StepStarted>(id);
        await CrashAndRestart("my-fork/gate");
        await Completed(id);
        Assert.Single(Of<GoalSubmitted>(await Whole(id)));
        Assert.Empty(world.Effects(id.Value));
        Assert.Equal("step-not-found", (await Assert.ThrowsAsync<MeshException>(() => Mesh.Fork(goal, new ForkRequest(new("x"), "ann"), ct: Ct))).Code);
        Assert.Equal("goal-not-found", (await Assert.ThrowsAsync<MeshException>(() => Mesh.Fork(new("none"), request, ct: Ct))).Code);
    }
}
