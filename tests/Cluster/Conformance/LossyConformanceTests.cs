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
            PushStreamProvider.ProviderName, (s, _) => new LossyStreams(new PushStreamProvider(s.GetRequiredService<IGrainFactory>(), s.GetRequiredService<LocalConsumers>()), mischief)));
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

    public IAsyncStream<T> GetStream<T>(StreamId streamId)
    {
        var stream = inner.GetStream<T>(streamId);
        return new TappedStream<T>(stream, async item =>
        {
            var fate = mischief.Next();
            if (fate == Mischief.Fate.IsLost) throw new OrleansException("It was lost on its way.");
            await stream.OnNextAsync(item);
            if (fate == Mischief.Fate.ArrivesTwice) await stream.OnNextAsync(item);
            if (fate == Mischief.Fate.AnswerIsLost) throw new TimeoutException("Its answer was lost.");
        });
    }
}
