using AgentMesh.Inference.Decoding;
using AgentMesh.Inference.LlamaCpp;
using AgentMesh.Inference.Sampling;

namespace AgentMesh.InferenceBench;

/// <summary>A thousand requests of three tenants, one of them greedy, 30 % cancelled at random: nothing leaks, and the modest tenants hardly notice.</summary>
internal static class Tenants
{
    private const int Requests = 1000, Modest = 2, Greedy = 48, Cells = 16_384;

    public static async Task Run(LlamaModel model, BenchSettings settings)
    {
        var alone = await Measure(model, settings, greedy: false);
        var beside = await Measure(model, settings, greedy: true);
        Console.WriteLine($"tenants: the modest ones' p99 {beside.P99:0.00} s beside a greedy one, {alone.P99:0.00} s alone: {beside.P99 / alone.P99:0.00} x (aim 1.5); " +
            $"{beside.Requests} requests, {beside.Cancelled} cancelled; left in the batch {beside.Left.Running}, in the queue {beside.Left.Queued}, cells that nobody holds {beside.Left.UsedCells - beside.Left.CachedCells}");
    }

    private static async Task<(double P99, int Requests, int Cancelled, DecodeStats Left)> Measure(LlamaModel model, BenchSettings settings, bool greedy)
    {
        using var engine = new Engine(model, settings, Cells);
        List<double> modest = [];
        var (asked, cancelled) = (0, 0);
        var most = greedy ? Requests : Requests / 4;
        var tenants = new List<Task>();
        for (var t = 0; t < 2; t++)
            for (var n = 0; n < Modest; n++) tenants.Add(Client($"modest-{t}", (t * 100) + n));
        if (greedy)
            for (var n = 0; n < Greedy; n++) tenants.Add(Client("greedy", 1000 + n));
        await Task.WhenAll(tenants);
        await engine.Ask(new Question([300], 1), new SamplerOptions { Temperature = 0 });
        return (Percentiles.Of(modest, 0.99), asked, cancelled, engine.Stats);

        async Task Client(string tenant, int seed)
        {
            var random = new Random(seed);
            while (Interlocked.Increment(ref asked) is var number && number <= most)
            {
                using var patience = new CancellationTokenSource();
                var question = new Question(Words.Of(number, random.Next(20, 200), settings.Shape.Vocabulary), random.Next(8, 48));
                if (random.NextDouble() < 0.3) patience.CancelAfter(random.Next(1, 1500));
                var answer = await engine.Ask(question, new SamplerOptions { Seed = number }, tenant, patience.Token);
                if (patience.IsCancellationRequested) Interlocked.Increment(ref cancelled);
                else if (tenant != "greedy")
                    lock (modest) modest.Add(answer.Took.TotalSeconds);
            }
        }
    }
}
