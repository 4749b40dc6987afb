using Microsoft.Extensions.AI;

namespace AgentMesh.Inference.Sampling;

public sealed class SamplerTests
{
    private static readonly SamplerOptions All = new() { Temperature = 1, TopK = 0, TopP = 1, MinP = 0 };

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(1_000)]
    public void Greedy_takes_the_largest_that_the_mask_allows(int size)
    {
        var random = new Random(size);
        var sampler = new Sampler(new() { Temperature = 0 });
        for (var round = 0; round < 200; round++)
        {
            var (logits, mask) = Row(random, size);
            var best = Enumerable.Range(0, size).Where(t => (mask[t >> 6] >> t & 1) != 0).MaxBy(t => logits[t]);
            Assert.Equal(best, sampler.Sample(logits, mask));
            Assert.Equal(Enumerable.Range(0, size).MaxBy(t => logits[t]), sampler.Sample(logits));
        }
    }

    [Fact]
    public void Chance_follows_the_probabilities()
    {
        float[] logits = [MathF.Log(0.5f), MathF.Log(0.3f), float.NaN, MathF.Log(0.2f), float.NegativeInfinity];
        var counts = Count(new Sampler(All with { Seed = 5 }), logits, 20_000);
        foreach (var (token, part) in new[] { (0, 0.5), (1, 0.3), (3, 0.2) }) Assert.InRange(counts.GetValueOrDefault(token) / 20_000.0, part - 0.02, part + 0.02);
        Assert.Equal(3, counts.Count);
    }

    [Theory]
    [InlineData(2, 1f, 0f, 2)]
    [InlineData(0, 0.75f, 0f, 2)]
    [InlineData(0, 1f, 0.5f, 2)]
    [InlineData(3, 0.95f, 0f, 3)]
    [InlineData(0, 0.9f, 0.3f, 3)]
    public void Unlikely_tokens_are_left_out(int topK, float topP, float minP, int left)
    {
        float[] logits = [MathF.Log(0.15f), MathF.Log(0.5f), MathF.Log(0.05f), MathF.Log(0.3f)];
        Assert.Equal(left, Count(new Sampler(All with { TopK = topK, TopP = topP, MinP = minP, Seed = 3 }), logits, 2_000).Count);
    }

    [Fact]
    public void The_mask_holds_for_every_way_to_choose()
    {
        var random = new Random(4);
        foreach (var options in new[] { All, All with { TopK = 5 }, All with { TopP = 0.9f }, new SamplerOptions(), All with { PresencePenalty = 2 }, All with { MinP = 0.1f, RepetitionPenalty = 1.3f } })
        {
            var sampler = new Sampler(options, seed: 9);
            for (var round = 0; round < 300; round++)
            {
                var (logits, mask) = Row(random, 500);
                var token = sampler.Sample(logits, mask);
                Assert.True((mask[token >> 6] >> token & 1) != 0);
                sampler.Accept(token);
            }
        }
    }

    [Fact]
    public void A_seed_gives_the_same_tokens_again()
    {
        var (logits, mask) = Row(new(1), 5_000);
        var (one, other) = (new Sampler(new() { Seed = 11, TopK = 0 }), new Sampler(new() { TopK = 0 }, seed: 11));
        for (var i = 0; i < 100; i++) Assert.Equal(one.Sample(logits, mask), other.Sample(logits, mask));
    }

    [Fact]
    public void Penalties_reach_as_far_back_as_asked()
    {
        float[] logits = [2, 1.5f, -1];
        var sampler = new Sampler(new() { Temperature = 0, PresencePenalty = 0.4f, FrequencyPenalty = 0.2f, PenaltyTokens = 2 });
        Assert.Equal(0, sampler.Sample(logits));
        sampler.Accept(0);
        Assert.Equal(1, sampler.Sample(logits));
        sampler.Accept(1);
        sampler.Accept(2);
        Assert.Equal(0, sampler.Sample(logits));
    }

    [Fact]
    public void A_token_costs_no_memory()
    {
        var (logits, mask) = Row(new(2), 10_000);
        foreach (var options in new[] { new SamplerOptions { Temperature = 0 }, new SamplerOptions(), new SamplerOptions { TopK = 0, FrequencyPenalty = 1 } })
        {
            var sampler = new Sampler(options, 1);
            for (var i = 0; i < 200; i++) sampler.Accept(sampler.Sample(logits, mask));
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 200; i++) sampler.Accept(sampler.Sample(logits, mask));
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [Fact]
    public void Options_come_from_the_request_and_are_checked()
    {
        var options = SamplerOptions.From(new ChatOptions { Temperature = 0.5f, TopK = 7, Seed = 3, AdditionalProperties = new() { ["min_p"] = 0.2 } });
        Assert.Equal((0.5f, 7, 0.95f, 0.2f, 3L), (options.Temperature, options.TopK, options.TopP, options.MinP, options.Seed));
        Assert.Contains("temperature", Assert.Throws<ArgumentException>(() => SamplerOptions.From(new() { Temperature = -1 })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new Sampler(All).Sample([1f, 2f], [0UL]));
    }

    private static Dictionary<int, int> Count(Sampler sampler, float[] logits, int rounds)
    {
        var counts = new Dictionary<int, int>();
        for (var i = 0; i < rounds; i++)
        {
            var token = sampler.Sample(logits);
            counts[token] = counts.GetValueOrDefault(token) + 1;
        }

        return counts;
    }

    private static (float[] Logits, ulong[] Mask) Row(Random random, int size)
    {
        var mask = new ulong[(size + 63) / 64];
        for (var word = 0; word < mask.Length; word++) mask[word] = random.Next(4) switch { 0 => 0, 1 => ulong.MaxValue, _ => (ulong)random.NextInt64() };
        mask[0] |= 1;
        return ([.. Enumerable.Range(0, size).Select(_ => (float)((random.NextDouble() * 20) - 10))], mask);
    }
}
