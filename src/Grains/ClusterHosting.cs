using AgentMesh.Contracts;
using AgentMesh.GrainInterfaces;
using AgentMesh.Grains.Agents;
using AgentMesh.Grains.Engine;
using AgentMesh.Grains.Inference;
using AgentMesh.Grains.Operations;
using AgentMesh.Grains.Placement;
using AgentMesh.Grains.Streams;
using AgentMesh.Grains.Upkeep;
using AgentMesh.Inference.Routing;
using AgentMesh.Runtime;
using AgentMesh.Runtime.Activity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using Orleans.Placement;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Streams;

namespace AgentMesh.Grains;

/// <summary>Makes a silo one of AgentMesh's.</summary>
public static class ClusterHosting
{
    /// <summary>
    /// Adds the engine. The host provides <see cref="IJournal"/>, <see cref="IWriterRegistry"/>, <see cref="PlanRunner"/>, <see cref="StepRunner"/>,
    /// <see cref="DirectRunner"/>, <see cref="MeshCatalogue"/>, <c>IKnowledge</c>, membership, reminders, and a grain storage named
    /// <see cref="AgentStorage"/>.
    /// </summary>
    public static ISiloBuilder AddAgentMesh(this ISiloBuilder silo, SiloFacts facts, ClusterEngineOptions options)
    {
        silo.UseSiloMetadata(facts.ToMetadata());
        silo.Services
            .AddAgentMeshWire()
            .AddSingleton(options)
            .AddSingleton<IDice, SharedDice>()
            .AddSingleton<ActivityFilter>()
            .AddSingleton<IIncomingGrainCallFilter>(s => s.GetRequiredService<ActivityFilter>())
            .AddSingleton<IConfigureGrainContextProvider, ActivationCount>()
            .AddSingleton(s => new ActivityRecorder(
                s.GetRequiredService<ILocalSiloDetails>().Name, s.GetRequiredService<TimeProvider>(), () => Environment.WorkingSet, () => s.GetRequiredService<GoalHosting>().Goals))
            .AddSingleton<IOperations, ClusterOperations>()
            .AddSingleton<LocalConsumers>()
            .AddSingleton<BudgetInquiry>()
            .AddGrainService<BudgetService>()
            .AddSingleton<GoalHosting>()
            .AddSingleton<AgentHosting>()
            .AddSingleton<AgentMemories>()
            .AddSingleton(s => new GoalDesk(s.GetRequiredService<GoalHosting>(), s.GetRequiredService<IJournal>(), s.GetRequiredService<MeshCatalogue>()))
            .AddKeyedSingleton<IStreamProvider>(PushStreamProvider.ProviderName, (s, _) => new PushStreamProvider(s.GetRequiredService<IGrainFactory>(), s.GetRequiredService<LocalConsumers>()))
            .AddPlacementFilter<RunsOn, RunsOnDirector>(ServiceLifetime.Transient)
            .AddPlacementDirector<PlacedNearby, PlacedNearbyDirector>();
        silo.Services.AddPlacementDirector<PlacedAt, PlacedAtDirector>();
#pragma warning disable ORLEANSEXP003 // Experimental, and needed: with the other one, a silo's death ends every activation whose directory entry it held, and attempts run twice.
        silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
        silo.Services.TryAddSingleton(TimeProvider.System);
        silo.Services.TryAddSingleton<ISiloEnd, HostStops>();
        silo.Services.TryAddSingleton<IGoalIds>(s => new TimeOrderedGoalIds(s.GetRequiredService<TimeProvider>()));
        silo.Services
            .AddSingleton(s => new InferenceRouter(new RouterOptions(), s.GetRequiredService<TimeProvider>()))
            .AddSingleton<InferencePool>()
            .AddSingleton<InferenceDirectory>()
            .AddHostedService(s => s.GetRequiredService<InferenceDirectory>())
            .AddHostedService(s => s.GetRequiredService<InferencePool>());
        silo.Services.AddHostedService<SiloWatch>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, ColdStart>();
        silo.Services.AddHostedService(s => s.GetRequiredService<GoalHosting>());
        silo.Configure<ClusterMembershipOptions>(QuickToNotice);
        // The directory holds a dead silo's share of the grains back for half a minute, lest it be falsely declared dead and its grains run twice.
        // Here it is retired in the database before its goals go on, so that nothing of theirs can happen twice and nobody need wait.
        silo.Configure<GrainDirectoryOptions>(o => o.RangeLeaseDuration = TimeSpan.Zero);
        silo.Configure<GrainCollectionOptions>(o => o.CollectionAge = TimeSpan.FromMinutes(5));
        return silo;
    }

    /// <summary>The models that agents on this silo use: those of the cluster's inference pool, else the silo's own.</summary>
    /// <param name="own">What the silo's own settings name.</param>
    public static IModels PoolModels(IServiceProvider services, IModels own) => new ClusterModels(
        services.GetRequiredService<InferenceDirectory>(), services.GetRequiredService<InferenceRouter>(), own, services.GetRequiredService<IDice>(),
        services.GetRequiredService<TimeProvider>());

    /// <summary>What a silo with these devices declares of their models.</summary>
    public static IReadOnlyList<string> ModelsOf(IEnumerable<PoolDevice> devices) => [.. devices.Select(InferenceDirectory.Declaration).Distinct(StringComparer.Ordinal)];

    /// <summary>Name of the grain storage for agents' memory.</summary>
    public const string AgentStorage = AgentMemories.Storage;

    // A dead silo's goals stand still until it is noticed: three missed probes of a second each, seconds instead of the usual half minute.
    // Two bounds are set because their defaults follow from the first: half a second would have a busy machine's silos declared dead, and votes
    // wait until nothing came over a connection for three times the longest timeout, which for a frozen or cut-off silo would be twelve seconds.
    private static void QuickToNotice(ClusterMembershipOptions membership)
    {
        membership.ProbeTimeout = TimeSpan.FromSeconds(1);
        membership.MinProbeTimeout = TimeSpan.FromSeconds(1);
        membership.MaxProbeTimeout = TimeSpan.FromSeconds(2);
        membership.NumMissedProbesLimit = 3;
        membership.NumVotesForDeathDeclaration = 2;
        membership.TableRefreshTimeout = TimeSpan.FromSeconds(10);
        // Often enough for a cold start to tell the dead from the living soon; stale, in votes, as before: after half a minute.
        membership.IAmAliveTablePublishTimeout = Silence.SignsOfLife;
        membership.NumMissedTableIAmAliveLimit = 10;
        membership.DefunctSiloExpiration = TimeSpan.FromHours(1);
    }

    private sealed class SharedDice : IDice
    {
        public int Next(int sides) => Random.Shared.Next(sides);
    }
}
