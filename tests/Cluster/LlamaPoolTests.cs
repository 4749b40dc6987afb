using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.GrainInterfaces;
using AgentMesh.Grains.Inference;
using AgentMesh.Inference.Decoding;
using AgentMesh.Inference.InProcess;
using AgentMesh.Inference.LlamaCpp;
using AgentMesh.Runtime.Activity;
using AgentMesh.Runtime.InMemory;
using AgentMesh.TinyModels;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace AgentMesh.Cluster;

/// <summary>One silo that runs agents and one whose device is a model of its own process.</summary>
public sealed class LlamaPoolTests : IAsyncLifetime
{
    private readonly string file = Path.Combine(Path.GetTempPath(), $"agentmesh-{Guid.NewGuid():N}.gguf");
    private LlamaEngine engine = null!;
    private InProcessTestCluster cluster = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        TinyModel.Save(file, ModelShape.Tiny, TensorType.Q8_0);
        try
        {
            engine = LlamaEngine.Load(
                file, new LlamaEngineOptions { Name = "tiny", Device = "cpu", Threads = 1, Context = 2048, Trusted = true, Decode = new DecodeOptions { Running = 4 } }, ct: Ct);
        }
        catch (LlamaException e) when (e.Message.StartsWith("No llama.cpp found", StringComparison.Ordinal))
        {
            Assert.Skip(e.Message);
        }

        var builder = new InProcessTestClusterBuilder(2);
        var journal = new InMemoryJournal();
        var number = 0;
        builder.ConfigureSilo((_, silo) =>
        {
            var serves = Interlocked.Increment(ref number) > 1;
            OneStep.Pool(silo, journal, new Asking(), serves ? [new PoolDevice("cpu", engine.Name, "large", engine.Slots, engine.Chat)] : []);
        });
        builder.ConfigureClient(client => client.Services.AddAgentMeshWire());
        cluster = builder.Build();
        await cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (cluster is not null)
        {
            await cluster.StopAllSilosAsync();
            await cluster.DisposeAsync();
        }

        engine?.Dispose();
        File.Delete(file);
    }

    [Fact]
    public async Task Agents_ask_the_silos_model_and_its_answers_obey()
    {
        var mesh = new MeshClient(cluster.Client, TimeProvider.System);
        var goals = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => mesh.Submit(new GoalSpec { Text = "work", Tenant = $"t{i % 3}" }, ct: Ct)));
        foreach (var goal in goals)
        {
            var view = await mesh.Wait(goal, Ct);
            Assert.True(view.Status == GoalStatus.Completed, view.Reason);
            Assert.Equal(["tiny"], view.Tiers.Keys);
        }

        var stats = engine.Stats;
        Assert.Equal(0, stats.Failed);
        // What the twelve had in common was computed once, or by those that came together.
        Assert.True(stats.ReusedTokens > 0);
        var device = Assert.Single(
            cluster.Silos.SelectMany(s => s.ServiceProvider.GetRequiredService<ActivityRecorder>().Snapshot(TimeSpan.FromMinutes(5)).Silos).SelectMany(s => s.Inference), d => d.Model == "tiny");
        Assert.Equal(("cpu", 4), (device.Device, device.Slots));
        Assert.True(device.TokensPerSecond.Sum() > 0);
    }

    /// <summary>Asks for one of three words, and believes nothing else.</summary>
    private sealed class Asking : IAgent
    {
        private static readonly System.Text.Json.JsonElement Schema = MeshJson.Parse("""{"type":"object","properties":{"kind":{"enum":["bug","question","order"]}},"required":["kind"],"additionalProperties":false}""");

        public async Task<StepOutcome> Run(StepWork work, IAgentCalls calls, CancellationToken ct)
        {
            var response = await calls.Ask(
                ModelNeed.Large,
                [new ChatMessage(ChatRole.System, "You sort the mail of a support desk into bugs, questions and orders, and say nothing else."), new ChatMessage(ChatRole.User, work.Goal.Value)],
                new ChatOptions { Temperature = 0, MaxOutputTokens = 40, ResponseFormat = ChatResponseFormat.ForJsonSchema(Schema) }, ct);
            return MeshJson.Parse(response.Text).GetProperty("kind").GetString() is "bug" or "question" or "order"
                ? new StepOutcome.Completed(MeshJson.Parse("""{"ok":true}"""), 1, calls.ModelFor(ModelNeed.Large)!, Rationale.Because(response.Text))
                : new StepOutcome.Failed(FailureKind.Permanent, response.Text);
        }
    }
}
