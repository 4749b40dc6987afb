using AgentMesh.Inference.Decoding;
using AgentMesh.Inference.LlamaCpp;
using AgentMesh.Inference.Sampling;

namespace AgentMesh.InferenceBench;

/// <summary>
/// A thousand requests of three tenants, 30 % cancelled at random: two ask now and then, one keeps 48 requests waiting. Nothing leaks, and the two hardly notice.
/// </summary>
internal static class Tenants
{
    private const int Requests = 1000, Modest = 2, Greedy = 48, Cells = 16_384;

    public static async Task Run(LlamaModel model, BenchSettings settings)
    {
        // Before and after: the machine is not always as quick.
        var before = await Measure(model, settings, greedy: false);
        var beside = await Measure(model, settings, greedy: true);
        double[] alone = [.. before.Took, .. (await Measure(model, settings, greedy: false)).Took];
        Report.Ratio($"tenants, s p99 beside a greedy one and alone ({beside.Took.Count}, {alone.Length})", Percentiles.Of(beside.Took, 0.99), Percentiles.Of(alone, 0.99), 1.5, atLeast: false);
        var left = beside.Left;
        Report.AtMost($"tenants, left of {beside.Asked} requests, {beside.Cancelled} cancelled", left.Running + left.Queued + left.UsedCells - left.CachedCells, "", 0);
    }

    /// <param name="greedy">Whether it is there; without it the others ask for as many as they get beside it.</param>
    private static async Task<(IReadOnlyList<double> Took, int Asked, int Cancelled, DecodeStats Left)> Measure(LlamaModel model, BenchSettings settings, bool greedy)
    {
        using var engine = new Engine(model, settings, Cells, cached: 0, separate: true);
        List<double> modest = [];
        var (asked, cancelled) = (0, 0);
        var most = greedy ? Requests : Requests / 4;
        List<Task> tenants = [];
        for (var t = 0; t < 2; t++)
            for (var n = 0; n < Modest; n++) tenants.Add(Client($"modest-{t}", (t * 100) + n, 500));
        if (greedy)
            for (var n = 0; n < Greedy; n++) tenants.Add(Client("greedy", 1000 + n, 0));
        await Task.WhenAll(tenants);
        // A last one, so that what was cancelled has left the batch.
        await engine.Ask(new Question([300], 1), new SamplerOptions { Temperature = 0 });
        return (modest, Math.Min(asked, most), cancelled, engine.Stats);

        async Task Client(string tenant, int seed, int pause)
        {
            var random = new Random(seed);
            while (Interlocked.Increment(ref asked) is var number && number <= most)
            {
                if (pause > 0) await Task.Delay(random.Next(pause));
                using var patience = new CancellationTokenSource();
                var question = new Question(Words.Of(number, random.Next(20, 100), settings.Shape.Vocabulary), random.Next(8, 32));
                var leaves = random.NextDouble() < 0.3;
                // At any token, or while it waits.
                var last = leaves ? random.Next(question.Tokens) : int.MaxValue;
                if (last == 0) patience.CancelAfter(random.Next(1, 50));
                var answer = await engine.Ask(question, new SamplerOptions { Seed = number }, tenant, a =>
                {
                    if (a.Tokens == last) patience.Cancel();
                }, patience.Token);
                if (answer.Outcome!.End == GenerationEnd.Cancelled) Interlocked.Increment(ref cancelled);
                // Those that might have been cut short are not counted, or the quick ones among them would be.
                else if (!leaves && tenant != "greedy")
                    lock (modest) modest.Add(answer.Took.TotalSeconds);
            }
        }
    }
}
