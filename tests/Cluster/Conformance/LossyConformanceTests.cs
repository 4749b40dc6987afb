using AgentMesh.EngineConformance;
using AgentMesh.Grains.Streams;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Streams;

namespace AgentMesh.Cluster;

/// <summary>The suite on streams that fail before an item arrives, fail after it did, and bring items twice.</summary>
public sealed class LossyConformanceTests : MeshConformance
{
    private readonly Mischief mischief = new(seed: 7);

    protected override int GoalsPerSeed => 40;

    protected override async Task<IMeshUnderTest> Start(MeshSetup setup) => await ClusterUnderTest.Start(
        setup, 2, Stores.InMemory(),
        silo => silo.Services.AddKeyedSingleton<IStreamProvider>(
            PushStreamProvider.ProviderName, (s, _) => new LossyStreams(new PushStreamProvider(s.GetRequiredService<IGrainFactory>()), mischief)));
}

/// <summary>What befalls the next item. Three in ten are treated badly, in an order that the seed decides.</summary>
internal sealed class Mischief(int seed)
{
    private readonly Lock gate = new();
    private readonly Random dice = new(seed);

    public enum Fate
    {
        Arrives,
        IsLost,
        AnswerIsLost,
        ArrivesTwice,
    }

    public Fate Next()
    {
        lock (gate) return dice.Next(10) switch { 0 => Fate.IsLost, 1 => Fate.AnswerIsLost, 2 => Fate.ArrivesTwice, _ => Fate.Arrives };
    }
}

internal sealed class LossyStreams(IStreamProvider inner, Mischief mischief) : IStreamProvider
{
    public string Name => inner.Name;
    public bool IsRewindable => false;

    public IAsyncStream<T> GetStream<T>(StreamId streamId) => new LossyStream<T>(inner.GetStream<T>(streamId), mischief);
}

internal sealed class LossyStream<T>(IAsyncStream<T> inner, Mischief mischief) : IAsyncStream<T>
{
    public StreamId StreamId => inner.StreamId;
    public string ProviderName => inner.ProviderName;
    public bool IsRewindable => false;

    public async Task OnNextAsync(T item, StreamSequenceToken? token = null)
    {
        var fate = mischief.Next();
        if (fate == Mischief.Fate.IsLost) throw new OrleansException("It was lost on its way.");
        await inner.OnNextAsync(item, token);
        if (fate == Mischief.Fate.ArrivesTwice) await inner.OnNextAsync(item, token);
        if (fate == Mischief.Fate.AnswerIsLost) throw new TimeoutException("Its answer was lost.");
    }

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
