using AgentMesh.Agents;
using AgentMesh.Contracts;

namespace AgentMesh.Cluster;

public sealed class SmokeTests
{
    [Fact]
    public async Task A_goal_runs()
    {
        await using var mesh = await Mesh.Start(2, (_, _, _) => Task.FromResult<StepOutcome>(new StepOutcome.Completed(MeshJson.Parse("""{"ok":true}"""), 1, "rules", Rationale.Because("done"))));
        var goals = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => mesh.Face.Submit(new GoalSpec { Text = "work" })));
        foreach (var goal in goals)
        {
            var view = await mesh.Face.Wait(goal, TestContext.Current.CancellationToken);
            Assert.Equal(GoalStatus.Completed, view.Status);
        }
    }
}
