using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using AgentMesh.Agents;
using AgentMesh.Contracts;
using AgentMesh.GrainInterfaces;
using AgentMesh.Grains.Inference;
using AgentMesh.Runtime.InMemory;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace AgentMesh.Cluster;

/// <summary>One silo that runs agents and two that serve models, each with an engine that a test holds in its hand.</summary>
public sealed class InferencePoolTests : IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, Engine> engines = new(StringComparer.Ordinal);
    private readonly InMemoryJournal journal = new();
    private InProcessTestCluster cluster = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private IMesh Mesh => new MeshClient(cluster.Client, TimeProvider.System);

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(3);
        var number = 0;
        builder.ConfigureSilo((_, silo) =>
        {
            var mine = Interlocked.Increment(ref number); // Silos are configured at the same time.
            var serves = mine > 1;
            OneStep.Pool(silo, journal, new Asking(), serves ? [new PoolDevice("gpu0", "tiny", "large", 4, engines.GetOrAdd($"silo-{mine}", _ => new Engine()))] : []);
        });
        builder.ConfigureClient(client => client.Services.AddAgentMeshWire());
        cluster = builder.Build();
        await cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await cluster.StopAllSilosAsync();
        await cluster.DisposeAsync();
    }

    [Fact]
    public async Task Agents_ask_the_pool_and_equal_prefixes_meet_one_device()
    {
        var goals = new List<GoalId>();
        for (var i = 0; i < 12; i++)
        {
            goals.Add(await Mesh.Submit(new GoalSpec { Text = "work" }, ct: Ct));
            Assert.Equal(GoalStatus.Completed, (await Mesh.Wait(goals[^1], Ct)).Status);
        }

        Assert.Equal([0, 12], engines.Values.Select(e => e.Calls).Order());
        foreach (var goal in goals) Assert.Equal(["tiny"], (await Mesh.Get(goal, Ct)).Tiers.Keys);
    }

    [Fact]
    public async Task A_dead_devices_requests_move_on()
    {
        var (goals, _, dying) = await Busy();

        await cluster.KillSiloAsync(dying);

        foreach (var goal in goals) Assert.Equal(GoalStatus.Completed, (await Mesh.Wait(goal, Ct)).Status);
    }

    [Fact]
    public async Task A_draining_device_lets_its_requests_end_and_sends_the_others_on()
    {
        var (goals, busy, leaving) = await Busy();

        var stopping = cluster.StopSiloAsync(leaving);
        busy.Release();
        await stopping.WaitAsync(Ct);

        foreach (var goal in goals) Assert.Equal(GoalStatus.Completed, (await Mesh.Wait(goal, Ct)).Status);
        Assert.Equal(8, engines.Values.Sum(e => e.Calls));
    }

    /// <summary>Eight goals, and a device that holds four of them in its slots; the other one answers at once.</summary>
    private async Task<(IReadOnlyList<GoalId> Goals, Engine Engine, InProcessSiloHandle Silo)> Busy()
    {
        foreach (var engine in engines.Values) engine.Hold();
        var goals = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Mesh.Submit(new GoalSpec { Text = "work" }, ct: Ct)));
        var busy = await Task.WhenAny(engines.Values.Select(async e =>
        {
            await e.Reached(4).WaitAsync(Ct);
            return e;
        })).Unwrap();
        foreach (var engine in engines.Values.Where(e => !ReferenceEquals(e, busy))) engine.Release();
        return (goals, busy, cluster.Silos.Single(s => ReferenceEquals(s.ServiceProvider.GetServices<PoolDevice>().SingleOrDefault()?.Engine, busy)));
    }

    /// <summary>Asks the model once.</summary>
    private sealed class Asking : IAgent
    {
        public async Task<StepOutcome> Run(StepWork work, IAgentCalls calls, CancellationToken ct)
        {
            var response = await calls.Ask(ModelNeed.Large, [new ChatMessage(ChatRole.System, "You work."), new ChatMessage(ChatRole.User, work.Goal.Value)], null, ct);
            return new StepOutcome.Completed(MeshJson.Parse("""{"ok":true}"""), 1, calls.ModelFor(ModelNeed.Large)!, Rationale.Because(response.Text));
        }
    }

    private sealed class Engine : IChatClient
    {
        private readonly Lock gate = new();
        private readonly List<(int Count, TaskCompletionSource Signal)> waiting = [];
        private TaskCompletionSource? held;

        public int Calls { get; private set; }

        public void Hold() => held = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => held?.TrySetResult();

        /// <summary>Completes when so many calls have come.</summary>
        public Task Reached(int count)
        {
            lock (gate)
            {
                var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                if (Calls >= count) signal.SetResult();
                else waiting.Add((count, signal));
                return signal.Task;
            }
        }

        public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            lock (gate)
            {
                Calls++;
                foreach (var (count, signal) in waiting)
                    if (Calls >= count) signal.TrySetResult();
            }

            if (held is { } hold) await hold.Task.WaitAsync(cancellationToken);
            return new ChatResponse(new ChatMessage(ChatRole.Assistant, "done")) { Usage = new UsageDetails { InputTokenCount = 5, OutputTokenCount = 3 } };
        }

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            foreach (var update in (await GetResponseAsync(messages, options, cancellationToken)).ToChatResponseUpdates()) yield return update;
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
