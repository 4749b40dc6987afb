using AgentMesh.Contracts;
using AgentMesh.EngineConformance;

namespace AgentMesh.Cluster.Goals;

/// <summary>One goal as the work of three silos, and the bounds that it is held to there.</summary>
public sealed class BoundsTests(ThreeSilos mesh) : IClassFixture<ThreeSilos>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory(Timeout = ThreeSilos.Limit)]
    [InlineData(200, GoalStatus.Completed)]
    [InlineData(150, GoalStatus.Failed)]
    public async Task A_goal_of_many_parallel_steps_is_the_work_of_all_silos_and_keeps_to_its_budget(int calls, GoalStatus end)
    {
        const int Steps = 200;
        var goal = await mesh.Submit(
            [.. Enumerable.Range(1, Steps).Select(i => Script.Step($"s{i}", "arrive all; hold gate; calls 1") with { Optional = end == GoalStatus.Completed })],
            c => c with { MaxSteps = Steps, MaxReplans = 0, Budget = new Budget { ToolCalls = calls } });
        await mesh.World.Arrived($"{goal}/all", Steps, Ct);

        var agents = await mesh.Agents(goal);
        Assert.Equal((3, Steps), (agents.Count, agents.Values.Sum()));
        Assert.All(agents.Values, count => Assert.InRange(count, Steps / 10, Steps * 6 / 10));

        mesh.World.OpenGate($"{goal}/gate");
        var view = await mesh.End(goal);
        Assert.Equal(end, view.Status);
        Assert.DoesNotContain(view.Steps, s => s.Status is StepStatus.Running or StepStatus.BackingOff or StepStatus.Delegating);
        Assert.InRange(view.Usage.ToolCalls, 1, calls);
        if (end == GoalStatus.Completed) Assert.Equal(calls, view.Usage.ToolCalls);
    }

    [Fact(Timeout = ThreeSilos.Limit)]
    public async Task What_was_spent_before_a_goal_is_loaded_anew_counts_after()
    {
        var goal = await mesh.Submit(
            [Script.Step("a", "calls 4"), Script.Step("b", "use mail x; calls 4", "a")], c => c with { MaxReplans = 0, Budget = new Budget { ToolCalls = 6 } });
        var asked = Assert.Single((await mesh.Mesh.Wait(goal, Ct)).OpenApprovals);
        await mesh.Unload(goal);
        await mesh.Mesh.Decide(goal, new ApprovalDecided(asked.Request, ApprovalVerdict.Approved, "ann"), Ct);

        await MustHaveRunOut(goal, 6);
    }

    [Theory(Timeout = ThreeSilos.Limit)]
    // The claim of the call with an effect takes the records of those before it along.
    [InlineData("calls 4; use put x", 7)]
    [InlineData("calls 4", 6)]
    public async Task What_a_running_step_has_done_counts_when_its_orchestrator_is_loaded_anew_around_it_on_record_or_not(string done, int calls)
    {
        var goal = await mesh.Submit([Script.Step("a", $"{done}; arrive half; hold gate; calls 4")], c => c with { MaxReplans = 0, Budget = new Budget { ToolCalls = calls } });
        await mesh.World.Arrived($"{goal}/half", 1, Ct);
        await mesh.Unload(goal);
        mesh.World.OpenGate($"{goal}/gate");

        await MustHaveRunOut(goal, calls);
    }

    [Fact(Timeout = ThreeSilos.Limit)]
    public async Task What_one_step_has_put_on_no_record_counts_for_another()
    {
        var goal = await mesh.Submit(
            [Script.Step("a", "calls 3; arrive half; hold gate-a; calls 3"), Script.Step("b", "calls 3; arrive half; hold gate-b")],
            c => c with { MaxReplans = 0, Budget = new Budget { ToolCalls = 8 } });
        await mesh.World.Arrived($"{goal}/half", 2, Ct);
        await mesh.Unload(goal);
        mesh.World.OpenGate($"{goal}/gate-a");

        await MustHaveRunOut(goal, 8);
    }

    [Fact(Timeout = ThreeSilos.Limit)]
    public async Task The_budget_holds_when_the_orchestrators_silo_dies_and_attempts_elsewhere_go_on()
    {
        await using var mine = new ThreeSilos();
        await mine.InitializeAsync();
        const int Steps = 40, Calls = 100;
        var goal = await mine.Submit(
            [.. Enumerable.Range(1, Steps).Select(i => Script.Step($"s{i}", "calls 2; arrive all; hold gate; calls 2") with { Optional = true })],
            c => c with { MaxSteps = Steps, MaxReplans = 0, Budget = new Budget { ToolCalls = Calls } });
        await mine.World.Arrived($"{goal}/all", Steps, Ct);
        await mine.KillOrchestrator(goal);
        mine.World.OpenGate($"{goal}/gate");

        // Whether the step that delivers is among those that still found something is a matter of their order.
        var view = await mine.End(goal);
        Assert.InRange(view.Usage.ToolCalls, Calls / 2, Calls);
    }

    [Fact(Timeout = ThreeSilos.Limit)]
    public async Task Helpers_on_all_silos_spend_from_their_goals_budget()
    {
        var goal = await mesh.Submit(
            [Script.Step("a", "spawn 40 arrive all | hold gate | calls 2")], c => c with { MaxReplans = 0, Budget = new Budget { ToolCalls = 50 } });
        await mesh.World.Arrived($"{goal}/all", 40, Ct);
        Assert.Equal(3, (await mesh.Agents(goal)).Count);
        mesh.World.OpenGate($"{goal}/gate");

        // Those that found nothing left fail; their parent goes on with what the others brought.
        await MustHaveRunOut(goal, 50, GoalStatus.Completed);
    }

    [Fact(Timeout = ThreeSilos.Limit)]
    public async Task Helpers_beyond_a_goals_steps_or_depth_are_refused_and_never_run()
    {
        // 1 + 4 + 16: the second level fits for some of the first, and the third is too deep for all.
        var goal = await mesh.Submit([Script.Step("a", "spawn 4 spawn 4 spawn 4 use put deep")], c => c with { MaxSteps = 12, MaxDepth = 3, MaxReplans = 0 });
        var view = await mesh.End(goal);
        Assert.Equal(GoalStatus.Failed, view.Status);
        Assert.InRange(view.Steps.Count, 5, 12);
        Assert.Empty(mesh.World.Effects(goal.Value));
        var refused = (await mesh.Mesh.Events(goal, ct: Ct).ToListAsync(Ct)).Select(e => e.Event).OfType<StepFailed>().ToList();
        Assert.Contains(refused, f => f.Error.Contains("12 steps", StringComparison.Ordinal) || f.Error.Contains("3 deep", StringComparison.Ordinal));
    }

    private async Task MustHaveRunOut(GoalId goal, int calls, GoalStatus end = GoalStatus.Failed)
    {
        var view = await mesh.End(goal);
        Assert.Equal((end, calls), (view.Status, view.Usage.ToolCalls));
        Assert.Contains((await mesh.Mesh.Events(goal, ct: Ct).ToListAsync(Ct)).Select(e => e.Event).OfType<StepFailed>(), f => f.Kind == FailureKind.Budget);
    }
}
