using AgentMesh.Contracts;
using AgentMesh.EngineConformance;
using AgentMesh.Gateway.Tests.Telemetry;
using AgentMesh.Hosting.Telemetry;

namespace AgentMesh.Cluster.Goals;

/// <summary>A goal's trace over silos, as a collector gets it.</summary>
public sealed class TraceTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact(Timeout = ThreeSilos.Limit)]
    public async Task Crosses_grains_and_goes_on_after_its_silo_is_gone()
    {
        await using var collector = await OtlpReceiver.Start();
        var telemetry = HostTelemetry.Start(n => n == "AGENTMESH_OTLP" ? collector.Url : null, "test", "0")!;
        using var world = new World();
        await using var cluster = await ClusterUnderTest.Start(new MeshSetup(world.Address), 3, Stores.InMemory(), silo => silo.AddActivityPropagation());
        // More steps at once than an orchestrator has agents nearby.
        var steps = Enumerable.Range(1, 20).Select(i => Script.Step($"s{i}", "calls 1")).Append(Script.Step("last", "arrive held; hold gate", "s1")).ToList();
        var goal = await cluster.Mesh.Submit(Script.Goal(steps), ct: Ct);
        await world.Arrived($"{goal}/held", 1, Ct);

        await cluster.Crash();
        await cluster.Restart();
        world.OpenGate($"{goal}/gate");
        await foreach (var entry in cluster.Mesh.Events(goal, follow: true, ct: Ct))
            if (entry.Event is GoalEnded) break;
        Assert.Equal(GoalStatus.Completed, (await cluster.Mesh.Get(goal, Ct)).Status);
        telemetry.Dispose();

        var spans = collector.Spans;
        var mine = spans.Where(s => s.Tags.GetValueOrDefault("gen_ai.conversation.id") == goal.Value).ToList();
        var trace = Assert.Single(mine.Select(s => s.Trace).Distinct(StringComparer.Ordinal));
        var submit = Assert.Single(spans, s => s.Trace == trace && s.Name == "submit goal");
        Assert.Equal("", submit.Parent);
        var agents = mine.Where(s => s.Tags.GetValueOrDefault("gen_ai.operation.name") == "invoke_agent").ToList();
        Assert.Superset(steps.Select(s => s.Id.Value).ToHashSet(StringComparer.Ordinal), agents.Select(s => s.Tags["agentmesh.step"]).ToHashSet(StringComparer.Ordinal));
        Assert.All(agents, s => Assert.Equal(submit.Id, s.Parent));
        Assert.Single(mine, s => s.Tags.GetValueOrDefault("gen_ai.operation.name") == "invoke_workflow" && s.Parent == submit.Id);
        // Upkeep between grains belongs to no trace, and begins none.
        Assert.DoesNotContain(spans, s => s.Parent.Length == 0 && s.Tags.ContainsKey("rpc.system"));
    }
}
