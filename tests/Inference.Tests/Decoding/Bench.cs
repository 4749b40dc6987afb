using AgentMesh.Inference.Decoding;

namespace AgentMesh.Inference.Tests.Decoding;

/// <summary>A decode engine that its test moves step by step.</summary>
internal sealed class Bench
{
    private readonly DecodeQueue _queue;

    public Bench(CellDecoder decoder, DecodeOptions? options = null)
    {
        Decoder = decoder;
        options ??= new DecodeOptions();
        _queue = new DecodeQueue(options, TimeProvider.System);
        Engine = new DecodeEngine(decoder, _queue, t => t == CellDecoder.End, options, TimeProvider.System, null);
    }

    public CellDecoder Decoder { get; }

    public DecodeEngine Engine { get; }

    public static int[] Words(int seed, int count) => [.. Enumerable.Range(0, count).Select(i => 1 + (seed * 31 + i * 7) % 90)];

    public int StepsUntilEnd(Generation generation)
    {
        var steps = 0;
        for (; !generation.Outcome.IsCompleted; steps++) Engine.Step();
        return steps;
    }

    public static GenerationOutcome Outcome(Generation generation)
    {
        Assert.True(generation.Outcome.IsCompletedSuccessfully);
        return generation.Outcome.Result;
    }

    public static List<int> Tokens(Generation generation, Bench? run = null)
    {
        run?.Run();
        List<int> tokens = [];
        while (generation.Tokens.TryRead(out var token)) tokens.Add(token);
        return tokens;
    }

    public Generation Ask(int[] prompt, int most, ITokenChooser? chooser = null, int pinned = 0, string tenant = "default")
    {
        var generation = new Generation(new GenerationRequest(prompt, most, chooser ?? new Greedy()) { Pinned = pinned, Tenant = tenant });
        _queue.Add(generation);
        return generation;
    }

    public int Reused(int[] prompt)
    {
        var generation = Ask(prompt, 1);
        Run();
        return Outcome(generation).Reused;
    }

    public void Run()
    {
        while (Engine.Step()) { }
    }
}

/// <summary>Always the same token, and those that are forced after it and at the start.</summary>
internal sealed class Script : ITokenChooser
{
    private int _chosen;

    public int At { get; init; } = -1;
    public int[] Follow { get; init; } = [];
    public bool Complete { get; init; }

    public int Choose(ReadOnlySpan<float> logits) => ++_chosen == At ? throw new InvalidOperationException("no token") : 4;

    public ReadOnlySpan<int> Forced() => Follow;
}
