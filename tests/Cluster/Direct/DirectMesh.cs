using System.Collections.Concurrent;
using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.GrainInterfaces;
using AgentMesh.Grains;
using AgentMesh.Grains.Engine;
using AgentMesh.Grains.Placement;
using AgentMesh.Grains.Security;
using AgentMesh.Runtime;
using AgentMesh.Runtime.InMemory;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace AgentMesh.Cluster.Direct;

/// <summary>Silos with the built-in roles and one of a user's, whose agents do what a test said for an instruction; and a client as another service has it.</summary>
public sealed class DirectMesh : IAsyncLifetime, IAgent
{
    private static readonly (string Role, string Kind)[] Roles = [("classifier", "category"), ("retriever", "passages"), ("analyst", "metrics"), ("writer", "reply"), ("poet", "poem"), ("worker", "note")];
    private readonly ConcurrentDictionary<string, Func<StepWork, IAgentCalls, CancellationToken, Task<StepOutcome>>> scripts = new(StringComparer.Ordinal);
    private readonly InMemoryJournal journal = new();
    private readonly Action<ISiloBuilder> storage;
    private readonly Action<IClientBuilder>? client;
    private InProcessTestCluster cluster = null!;

    public DirectMesh() : this(silo => silo.AddMemoryGrainStorage(ClusterHosting.AgentStorage))
    {
    }

    internal DirectMesh(Action<ISiloBuilder> storage, Action<IClientBuilder>? client = null) => (this.storage, this.client) = (storage, client);

    internal IClusterClient Client => cluster.Client;
    internal IMesh Mesh => cluster.Client.ServiceProvider.GetRequiredService<IMesh>();
    internal InProcessTestCluster Silos => cluster;
    internal SpyTool Spy { get; } = new();

    public async ValueTask InitializeAsync()
    {
        var catalogue = MeshCatalogue.Empty with
        {
            Roles = Roles.ToDictionary(
                r => r.Role,
                r => new RoleDescriptor { Name = r.Role, Purpose = "works", Tools = ["echo", "spy"], Capabilities = [new Capability("work", [], [], r.Kind, "Work.", [])] },
                StringComparer.Ordinal),
        };
        var toolbox = new Toolbox([new EchoTool(), Spy]);
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            storage(silo);
            OneStep.Parts(silo, journal, this, catalogue, toolbox).AddSingleton<IKnowledge>(new OneArticle());
            // Clients have the bounds of the silo program here, and what the test cluster itself asks.
            silo.Services.AddSingleton<IIncomingGrainCallFilter>(new ClientScope("Orleans.Runtime.TestHooks.ITestHooks"));
            silo.AddAgentMesh(new SiloFacts(["agents", "gateway"], [], [], "test", null), new ClusterEngineOptions());
        });
        builder.ConfigureClient(made =>
        {
            made.AddAgentMeshClient(cluster: null);
            client?.Invoke(made);
        });
        cluster = builder.Build();
        await cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await cluster.StopAllSilosAsync();
        await cluster.DisposeAsync();
    }

    /// <summary>Says what agents do with this instruction, or with a step of this goal's text.</summary>
    internal void On(string instruction, Func<StepWork, IAgentCalls, CancellationToken, Task<StepOutcome>> script) => scripts[instruction] = script;

    Task<StepOutcome> IAgent.Run(StepWork work, IAgentCalls calls, CancellationToken ct) =>
        (scripts.GetValueOrDefault(work.Step.Instruction.Split('\n')[0]) ?? scripts.GetValueOrDefault(work.Goal.Value) ?? scripts.GetValueOrDefault("anything")
            ?? throw new InvalidOperationException($"No script for: {work.Step.Instruction}"))(work, calls, ct);

    internal static StepOutcome Done(string json) => new StepOutcome.Completed(MeshJson.Parse(json), 0.9, "rules", Rationale.Because("It says so."));

    private sealed class OneArticle : IKnowledge
    {
        public Task Add(KnowledgeDocument document, CancellationToken ct) => throw new NotSupportedException();

        public Task<IReadOnlyList<Passage>> Search(string tenant, IReadOnlyList<string> collections, string query, int limit, CancellationToken ct) =>
            Task.FromResult<IReadOnlyList<Passage>>([new Passage(collections.FirstOrDefault("help"), $"{tenant}.md", query, 3, 9, $"limit {limit}", 0.5)]);

        public Task<IReadOnlyList<KnowledgeEntry>> List(string tenant, string? collection, CancellationToken ct) => throw new NotSupportedException();
    }
}

/// <summary>Without effect.</summary>
internal sealed class EchoTool : ITool
{
    public ToolDescriptor Descriptor { get; } = new() { Name = "echo", Description = "Echoes.", Effect = ToolEffect.Pure, Parameters = MeshJson.Parse("""{"type":"object"}""") };

    public Task<ToolResult> Invoke(ToolCall call, CancellationToken ct) => Task.FromResult(new ToolResult(call.Arguments));
}

/// <summary>Changes the world, and counts how often.</summary>
internal sealed class SpyTool : ITool
{
    private int calls;

    public int Calls => Volatile.Read(ref calls);

    public ToolDescriptor Descriptor { get; } = new() { Name = "spy", Description = "Acts.", Effect = ToolEffect.Once, Parameters = MeshJson.Parse("""{"type":"object"}""") };

    public Task<ToolResult> Invoke(ToolCall call, CancellationToken ct)
    {
        Interlocked.Increment(ref calls);
        return Task.FromResult(new ToolResult(call.Arguments));
    }
}
