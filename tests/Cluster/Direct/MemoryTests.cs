using AgentMesh.Contracts;
using AgentMesh.GrainInterfaces;
using AgentMesh.Grains;
using AgentMesh.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Runtime.Messaging;

namespace AgentMesh.Cluster.Direct;

/// <summary>What directly called agents were told to remember.</summary>
public sealed class MemoryTests(DirectMesh mesh) : IClassFixture<DirectMesh>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_note_outlives_the_activation_and_reaches_the_work()
    {
        mesh.On("What do you know?", (work, _, _) => Task.FromResult(DirectMesh.Done($"{{\"told\":{work.Step.Instruction.Contains("- tone: friendly", StringComparison.Ordinal).ToString().ToLowerInvariant()}}}")));
        var agent = mesh.Client.GetGrain<IWriterGrain>("remembering");
        await agent.Remember("tone", "friendly");
        await agent.Remember("other", "gone soon");
        await agent.Remember("other", null);
        await Deactivate(agent);

        Assert.Equal([new("tone", "friendly")], await agent.Recall());
        Assert.True((await agent.Run(new AgentRequest("What do you know?", "reply"), ct: Ct)).Value.Value!.Value.GetProperty("told").GetBoolean());
        Assert.Empty(await mesh.Client.GetGrain<IWriterGrain>("another").Recall());
    }

    [Fact]
    public async Task Notes_have_bounds()
    {
        var agent = mesh.Client.GetGrain<IWriterGrain>("bounded");
        await agent.Remember("full", new string('x', 4096));
        foreach (var (topic, note) in new[] { ("long", new string('x', 4097)), ("", "x"), (new string('t', 201), "x") })
            Assert.Equal("bad-request", (await Assert.ThrowsAsync<MeshException>(() => agent.Remember(topic, note))).Code);
        for (var i = 1; i < 100; i++) await agent.Remember($"{i}", "x");
        Assert.Equal("bad-request", (await Assert.ThrowsAsync<MeshException>(() => agent.Remember("one too many", "x"))).Code);
        await agent.Remember("full", "changed");
        Assert.Equal(100, (await agent.Recall()).Count);
    }

    [Fact]
    public async Task A_note_outlives_its_silo_in_the_database()
    {
        var home = Directory.CreateTempSubdirectory("am-").FullName;
        try
        {
            await using var store = await PostgresStore.Open(new StorageOptions { Home = home }, TimeProvider.System, NullLoggerFactory.Instance, Ct);
            var connection = PostgresStore.AdoNetConnection(store.Embedded!.ConnectionString, 4);
            await using var stored = new DirectMesh(silo => silo.AddAdoNetGrainStorage(
                ClusterHosting.AgentStorage, o => (o.Invariant, o.ConnectionString) = (PostgresStore.AdoNetInvariant, connection)));
            await stored.InitializeAsync();
            await stored.Client.GetGrain<IRoleGrain>("poet/1").Remember("metre", "iambic");

            await stored.Silos.StartAdditionalSiloAsync();
            await stored.Silos.StopSiloAsync(stored.Silos.Silos[0]);

            Assert.Equal([new("metre", "iambic")], await stored.Client.GetGrain<IRoleGrain>("poet/1").Recall());
        }
        finally
        {
            Directory.Delete(home, recursive: true);
        }
    }

    [Fact]
    public async Task A_call_that_did_not_get_through_is_made_again()
    {
        var broken = new BrokenWay(2);
        await using var cut = new DirectMesh(silo => silo.AddMemoryGrainStorage(ClusterHosting.AgentStorage), client => client.AddOutgoingGrainCallFilter(broken));
        await cut.InitializeAsync();
        var agent = cut.Client.GetGrain<IWriterGrain>("cut-off");
        await agent.Remember("tone", "friendly");
        Assert.Equal((0, 1), (broken.Left, (await agent.Recall()).Count));
        broken.Left = int.MaxValue;
        using var enough = new CancellationTokenSource();
        var call = agent.Run(new AgentRequest("What do you know?", "reply"), ct: enough.Token);
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    private async Task Deactivate(IAgentGrain agent)
    {
        var management = mesh.Silos.Silos[0].ServiceProvider.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0); // Not for clients.
        do await management.ForceActivationCollection(TimeSpan.Zero);
        while (await management.GetActivationAddress(agent) is not null);
    }

    /// <summary>A way to the silos that is broken for so many calls of agents.</summary>
    private sealed class BrokenWay(int calls) : IOutgoingGrainCallFilter
    {
        public int Left { get; set; } = calls;

        public Task Invoke(IOutgoingGrainCallContext context) =>
            !typeof(IAgentGrain).IsAssignableFrom(context.InterfaceMethod.DeclaringType) || Left == 0 ? context.Invoke()
            : throw (Left-- % 2 == 0 ? new ConnectionFailedException("Gone.") : new SiloUnavailableException("Gone."));
    }
}
