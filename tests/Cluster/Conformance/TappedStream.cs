using Orleans.Streams;

namespace AgentMesh.Cluster;

/// <summary>A stream whose items a test sends on as it pleases.</summary>
internal sealed class TappedStream<T>(IAsyncStream<T> inner, Func<T, Task> send) : IAsyncStream<T>
{
    public StreamId StreamId => inner.StreamId;
    public string ProviderName => inner.ProviderName;
    public bool IsRewindable => false;

    public Task OnNextAsync(T item, StreamSequenceToken? token = null) => send(item);

    public Task OnNextBatchAsync(IEnumerable<T> batch, StreamSequenceToken? token = null) => inner.OnNextBatchAsync(batch, token);

    public Task OnCompletedAsync() => inner.OnCompletedAsync();

    public Task OnErrorAsync(Exception ex) => inner.OnErrorAsync(ex);

    public bool Equals(IAsyncStream<T>? other) => inner.Equals(other);

    public override bool Equals(object? obj) => obj is IAsyncStream<T> other && Equals(other);

    public override int GetHashCode() => inner.GetHashCode();

    public int CompareTo(IAsyncStream<T>? other) => inner.CompareTo(other);

    public Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncObserver<T> observer) => inner.SubscribeAsync(observer);

    public Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncObserver<T> observer, StreamSequenceToken? token, string? filterData = null) =>
        inner.SubscribeAsync(observer, token, filterData);

    public Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncBatchObserver<T> observer) => inner.SubscribeAsync(observer);

    public Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncBatchObserver<T> observer, StreamSequenceToken? token) => inner.SubscribeAsync(observer, token);

    public Task<IList<StreamSubscriptionHandle<T>>> GetAllSubscriptionHandles() => inner.GetAllSubscriptionHandles();
}
