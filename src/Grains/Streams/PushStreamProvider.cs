using Orleans.Streams;

namespace AgentMesh.Grains.Streams;

/// <summary>
/// Orleans streams that push: an item goes straight to the grain that the stream is for, and <c>OnNextAsync</c> returns when it was taken there.
/// The stream's namespace names the consumer's grain type, its key the grain. At least once (a sender repeats what failed), in order for a sender
/// that awaits each item, nothing kept in between: what is lost with a silo, the journal makes good.
/// </summary>
internal sealed class PushStreamProvider(IGrainFactory grains) : IStreamProvider
{
    public const string ProviderName = "mesh";

    public string Name => ProviderName;
    public bool IsRewindable => false;

    public IAsyncStream<T> GetStream<T>(StreamId streamId) => new PushStream<T>(grains, streamId);
}

/// <summary>A grain type that streams of <typeparamref name="T"/> are for.</summary>
[Alias("agentmesh.stream-consumer`1")]
internal interface IStreamConsumer<in T> : IGrainWithStringKey
{
    [Alias("receive")]
    Task Receive(T item);
}

internal sealed class PushStream<T>(IGrainFactory grains, StreamId id) : IAsyncStream<T>
{
    private readonly IStreamConsumer<T> consumer =
        grains.GetGrain<IStreamConsumer<T>>(GrainId.Create(GrainType.Create(id.GetNamespace()!), id.GetKeyAsString()));

    public StreamId StreamId => id;
    public string ProviderName => PushStreamProvider.ProviderName;
    public bool IsRewindable => false;

    public Task OnNextAsync(T item, StreamSequenceToken? token = null) => consumer.Receive(item);

    public async Task OnNextBatchAsync(IEnumerable<T> batch, StreamSequenceToken? token = null)
    {
        foreach (var item in batch) await consumer.Receive(item);
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
