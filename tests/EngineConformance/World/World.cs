using System.Collections.Concurrent;

namespace AgentMesh.EngineConformance;

/// <summary>The world as the test holds it. It outlives every engine that is started in it.</summary>
public sealed class World : IWorld, IDisposable
{
    private static readonly ConcurrentDictionary<string, World> Open = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, TaskCompletionSource> gates = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Place> places = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, WorldEffect> effects = new(StringComparer.Ordinal);

    public World()
    {
        Address = $"memory:{Guid.NewGuid():N}";
        Open[Address] = this;
    }

    /// <summary>Where engines of this process find it.</summary>
    public string Address { get; }

    /// <exception cref="InvalidOperationException">No such world is open in this process.</exception>
    public static World Find(string address) =>
        Open.GetValueOrDefault(address) ?? throw new InvalidOperationException($"There is no world {address} in this process. Give other processes the URL of a {nameof(WorldServer)}.");

    public Task Arrive(string place, CancellationToken ct)
    {
        At(place).Arrive();
        return Task.CompletedTask;
    }

    public async Task Pass(string gate, CancellationToken ct)
    {
        At(gate).Arrive();
        await Gate(gate).Task.WaitAsync(ct);
    }

    public Task Do(string key, string tool, string text, CancellationToken ct)
    {
        effects.AddOrUpdate(key, new WorldEffect(key, tool, text, 1), (_, known) => known with { Times = known.Times + 1 });
        return Task.CompletedTask;
    }

    public Task<bool> Happened(string key, CancellationToken ct) => Task.FromResult(effects.ContainsKey(key));

    /// <summary>Lets everybody through, now and later.</summary>
    public void OpenGate(string gate) => Gate(gate).TrySetResult();

    /// <summary>Completes when somebody was at this place that many times.</summary>
    public Task Arrived(string place, int times, CancellationToken ct) => At(place).Reached(times).WaitAsync(ct);

    /// <summary>What was done for goals whose id begins so, in order of key.</summary>
    public IReadOnlyList<WorldEffect> Effects(string goal) =>
        [.. effects.Values.Where(e => e.Key.StartsWith(goal + "/", StringComparison.Ordinal)).OrderBy(e => e.Key, StringComparer.Ordinal)];

    public void Dispose() => Open.TryRemove(Address, out _);

    private TaskCompletionSource Gate(string gate) => gates.GetOrAdd(gate, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    private Place At(string place) => places.GetOrAdd(place, static _ => new Place());

    private sealed class Place
    {
        private readonly Lock gate = new();
        private readonly List<(int Times, TaskCompletionSource Done)> waiting = [];
        private int count;

        public void Arrive()
        {
            lock (gate)
            {
                count++;
                foreach (var (times, done) in waiting)
                    if (times <= count) done.TrySetResult();
            }
        }

        public Task Reached(int times)
        {
            lock (gate)
            {
                if (count >= times) return Task.CompletedTask;
                var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                waiting.Add((times, done));
                return done.Task;
            }
        }
    }
}
