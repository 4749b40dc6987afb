using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.EngineConformance;
using AgentMesh.Grains;
using AgentMesh.Grains.Engine;
using AgentMesh.Grains.Inference;
using AgentMesh.Grains.Placement;
using AgentMesh.Runtime;
using AgentMesh.Runtime.InMemory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMesh.Cluster;

/// <summary>Plans of one step, and what a silo needs to run it.</summary>
internal sealed class OneStep : IPlanner
{
    /// <summary>One role and no tools.</summary>
    public static MeshCatalogue Catalogue { get; } = MeshCatalogue.Empty with
    {
        Roles = new Dictionary<string, RoleDescriptor>(StringComparer.Ordinal) { ["worker"] = new() { Name = "worker", Purpose = "works" } },
    };

    /// <summary>Puts goals of one step on a silo, over a journal in memory.</summary>
    /// <param name="catalogue">Has the role <c>worker</c>.</param>
    public static IServiceCollection Parts(
        ISiloBuilder silo, InMemoryJournal journal, IAgent agent, MeshCatalogue catalogue, Toolbox? tools = null, Func<IServiceProvider, IModels>? models = null)
    {
        silo.UseInMemoryReminderService();
        tools ??= new Toolbox([]);
        return silo.Services.AddSingleton<IJournal>(journal).AddSingleton<IWriterRegistry>(journal).AddSingleton(catalogue)
            .AddSingleton(models ?? (_ => NoModels.Instance))
            .AddSingleton(new PlanRunner(new OneStep(), catalogue))
            .AddSingleton(s => new StepRunner(
                agent, tools, s.GetRequiredService<IModels>(), new InMemoryContent(), catalogue, new RuntimeOptions(), TimeProvider.System, NullLogger<StepRunner>.Instance))
            .AddSingleton(s => new DirectRunner(agent, tools, s.GetRequiredService<IModels>(), catalogue, new RuntimeOptions(), TimeProvider.System));
    }

    /// <summary>Makes a silo of a cluster with an inference pool: one that serves models where it has devices, else one that runs agents.</summary>
    public static void Pool(ISiloBuilder silo, InMemoryJournal journal, IAgent agent, IReadOnlyList<PoolDevice> devices)
    {
        silo.AddMemoryGrainStorage(ClusterHosting.AgentStorage);
        Parts(silo, journal, agent, Catalogue, models: s => ClusterHosting.PoolModels(s, NoModels.Instance));
        foreach (var device in devices) silo.Services.AddSingleton(device);
        silo.AddAgentMesh(
            new SiloFacts([devices.Count > 0 ? "inference" : "agents"], [.. devices.Select(d => d.Device)], ClusterHosting.ModelsOf(devices), "test", null), new ClusterEngineOptions());
    }

    public Task<PlanMade> Plan(PlanRequest request, GoalBudget budget, CancellationToken ct) => Task.FromResult(new PlanMade(
        request.Version > 1 ? null : new Plan
        {
            Version = 1, Proposer = "test", Why = Rationale.Because("test"), Deliver = [new("a")],
            Steps = [new PlanStep { Id = new("a"), Role = "worker", Instruction = "work", Produces = "note" }],
        },
        ["no other plan"], null));
}
