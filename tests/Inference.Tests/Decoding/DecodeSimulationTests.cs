using AgentMesh.Inference.Decoding;
using AgentMesh.Inference.Remote;

namespace AgentMesh.Inference.Tests.Decoding;

/// <summary>Whatever joins, leaves, shares, waits or is put back: every request gets the tokens that it would get alone, and no cell is lost.</summary>
public sealed class DecodeSimulationTests
{
    [Theory]
    [InlineData(true, false, false)]
    [InlineData(true, false, true)]
    [InlineData(true, true, true)]
    [InlineData(false, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, true, true)]
    public void Together_is_as_alone(bool reuse, bool separate, bool linear)
    {
        for (var seed = 0; seed < 120; seed++)
        {
            try
            {
                Run(new Random(seed), reuse, separate, linear);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}, reuse {reuse}, separate {separate}, linear {linear}", e);
            }
        }
    }

    private static void Run(Random random, bool reuse, bool separate, bool linear)
    {
        var sequences = random.Next(3, 14);
        var decoder = new CellDecoder(separate ? sequences * 120 : random.Next(120, 600), sequences, batch: random.Next(4, 48), separate: separate, linear: linear);
        var options = new DecodeOptions
        {
            Running = random.Next(1, 9), PromptChunk = random.Next(1, 20), AnswerRoom = random.Next(1, 40), Reuse = reuse, QueueLimit = 1000,
        };
        var queue = new DecodeQueue(options, TimeProvider.System);
        var engine = new DecodeEngine(decoder, queue, t => t == CellDecoder.End, options, TimeProvider.System, null);
        int[][] beginnings = [.. Enumerable.Range(0, 3).Select(_ => Words(random, random.Next(1, 60)))];
        List<(Generation Generation, WaitingRequest Waiting)> all = [];
        HashSet<Generation> left = [];
        // Callers do not wait for the end of a step to give up.
        decoder.FailAt = _ =>
        {
            GiveUp(random.Next(40));
            return false;
        };
        var idle = false;
        while (all.Count < 60 || !idle)
        {
            if (all.Count < 60 && random.Next(3) > 0) all.Add(Ask(queue, random, beginnings));
            GiveUp(random.Next(12));
            idle = !engine.Step();
            Assert.Equal(decoder.Used, engine.Stats.UsedCells);
            Assert.InRange(engine.Stats.Running, 0, options.Running);
        }

        foreach (var (generation, waiting) in all)
        {
            var alone = CellDecoder.Alone(generation.Request.Prompt, generation.Request.MaxTokens);
            List<int> got = [];
            while (generation.Tokens.TryRead(out var token)) got.Add(token);
            if (!generation.Outcome.IsCompleted) Assert.True(left.Contains(generation), "a request was lost");
            else if (generation.Outcome.Result is { End: GenerationEnd.Cancelled } cancelled) Assert.True(generation.IsCancelled, $"{cancelled}");
            else Assert.Equal(alone, got);
            Assert.Equal(alone[..got.Count], got);
            Assert.NotNull(waiting);
            if (generation.Outcome.IsCompleted) Assert.InRange(generation.Outcome.Result.Reused, 0, generation.Outcome.Result.Prompt);
        }

        Assert.Equal(engine.Stats.CachedCells, decoder.Used);
        if (!reuse) Assert.Equal(0, decoder.Used);

        void GiveUp(int dice)
        {
            if (all.Count == 0 || dice > 0) return;
            var (generation, waiting) = all[random.Next(all.Count)];
            generation.Cancel();
            if (queue.Remove(waiting)) left.Add(generation);
        }
    }

    private static (Generation, WaitingRequest) Ask(DecodeQueue queue, Random random, int[][] beginnings)
    {
        var beginning = beginnings[random.Next(beginnings.Length)];
        int[] prompt = [.. beginning[..random.Next(1, beginning.Length + 1)], .. Words(random, random.Next(0, 20))];
        var generation = new Generation(new GenerationRequest(prompt, random.Next(1, 40), new Greedy())
        {
            Tenant = $"t{random.Next(3)}", Priority = (InferencePriority)random.Next(3), Pinned = random.Next(10) == 0 ? random.Next(1, prompt.Length + 1) : 0,
        });
        return (generation, queue.Add(generation).Request);
    }

    private static int[] Words(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(1, 5))];
}
