using System.Collections.Concurrent;
using Orleans.Streams;

namespace AgentMesh.Grains.Streams;

/// <summary>
/// Orleans streams that push: an item goes straight to the grain that the stream is for, and <c>OnNextAsync</c> returns when it was taken there.
/// The stream's namespace names the consumer's grain type, its key the grain. At least once (a sender repeats what failed), in order for a sender
/// that awaits each item, nothing kept in between: what is lost with a silo, the journal makes good.
/// </summary>
internal sealed class PushStreamProvider(IGrainFactory grains, LocalConsumers local) : IStreamProvider
{
    public const string ProviderName = "mesh";

    private readonly ConcurrentDictionary<Type, GrainInterfaceType> interfaces = new();

    public string Name => ProviderName;
    public bool IsRewindable => false;

    public IAsyncStream<T> GetStream<T>(StreamId streamId) => new PushStream<T>(this, streamId);

    /// <summary>Returns when the item was taken.</summary>
    public Task Push<T>(StreamId stream, T item)
    {
        var key = stream.GetKeyAsString();
        return local.TryTake(key, item, out var taken) ? taken : Consumer<T>(GrainId.Create(GrainType.Create(stream.GetNamespace()!), key)).Receive(item);
    }

    // The factory finds an interface's id by reflection for every reference; it is the same each time.
    private IStreamConsumer<T> Consumer<T>(GrainId grain)
    {
        if (interfaces.TryGetValue(typeof(T), out var known)) return (IStreamConsumer<T>)grains.GetGrain(grain, known);
        var consumer = grains.GetGrain<IStreamConsumer<T>>(grain);
        interfaces[typeof(T)] = ((GrainReference)consumer).InterfaceType;
        return consumer;
    }
}

/// <param name="key">The stream's.</param>
/// <param name="taken">Ends when the item was taken.</param>
/// <returns>False where the grain is to have it.</returns>
internal delegate bool Taker<in T>(string key, T item, out Task taken);

/// <summary>What on this silo takes a stream's items itself, in the grain's place.</summary>
internal sealed class LocalConsumers
{
    private readonly ConcurrentDictionary<Type, object> takers = new();

    public void Add<T>(Taker<T> taker) => takers[typeof(T)] = taker;

    public bool TryTake<T>(string key, T item, out Task taken)
    {
        taken = Task.CompletedTask;
        return takers.TryGetValue(typeof(T), out var taker) && ((Taker<T>)taker)(key, item, out taken);
    }
}

/// <summary>A grain type that streams of <typeparamref name="T"/> are for.</summary>
[Alias("agentmesh.stream-consumer`1")]
internal interface IStreamConsumer<in T> : IGrainWithStringKey
{
    [Alias("receive")]
    Task Receive(T item);
}

internal sealed class PushStream<T>(PushStreamProvider provider, StreamId id) : IAsyncStream<T>
{
    public StreamId StreamId => id;
    public string ProviderName => PushStreamProvider.ProviderName;
    public bool IsRewindable => false;

    public Task OnNextAsync(T item, StreamSequenceToken? token = null) => provider.Push(id, item);

    public async Task OnNextBatchAsync(IEnumerable<T> batch, StreamSequenceToken? token = null)
    {
        foreach (var item in batch) await provider.Push(id, item);
    }

    public Task OnCompletedAsync() => Task.CompletedTask;

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;

    public bool Equals(IAsyncStream<T>? other) => other is PushStream<T> && other.StreamId == id;

    public override bool Equals(object? obj) => obj is IAsyncStream<T> other && Equals(other);

    public override int GetHashCode() => id.GetHashCode();

    public int CompareTo(IAsyncStream<T>? other) => other is null ? 1 : id.CompareTo(other.StreamId);

    public Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncObserver<T> observer) => throw Implicit();

    public Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncObserver<T> observer, StreamSequenceToken? token, string? filterData = null) => throw Implicit();

    public Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncBatchObserver<T> observer) => throw Implicit();

    public Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncBatchObserver<T> observer, StreamSequenceToken? token) => throw Implicit();

    public Task<IList<StreamSubscriptionHandle<T>>> GetAllSubscriptionHandles() => Task.FromResult<IList<StreamSubscriptionHandle<T>>>([]);

    private static NotSupportedException Implicit() => new("Subscriptions of this provider are implicit: the stream's namespace names the grain type, its key the grain.");
}
