using AgentMesh.Inference.Decoding;
using AgentMesh.Inference.LlamaCpp;
using AgentMesh.Inference.Sampling;

namespace AgentMesh.InferenceBench;

/// <summary>Decode throughput with 1, 8 and 32 sequences, beside llama-batched-bench; ours samples and streams, too.</summary>
internal static class Decode
{
    private const int Prompt = 128, Tokens = 96;
    private static readonly int[] Sequences = [1, 8, 32];

    public static async Task Run(LlamaModel model, string path, BenchSettings settings)
    {
        var ours = Sequences.ToDictionary(n => n, _ => new List<double>());
        var theirs = Sequences.ToDictionary(n => n, _ => new List<double>());
        for (var round = 0; round < settings.Rounds; round++)
        {
            // In turns, each at its better setting of the pool: batched-bench's default gives each sequence its own.
            var separate = BatchedBench.Run(settings, path, Prompt, Tokens, Sequences, unified: false);
            foreach (var n in Sequences)
            {
                theirs[n].Add(separate[n]);
                ours[n].Add(await Ours(model, settings, n));
            }
        }

        foreach (var n in Sequences)
        {
            var (a, b) = (Percentiles.Median(ours[n]), Percentiles.Median(theirs[n]));
            Console.WriteLine($"decode, {n} sequences: {a:0.0} tokens/s, llama-batched-bench {b:0.0}: {a / b:0.000} x (aim 0.97)");
        }
    }

    private static async Task<double> Ours(LlamaModel model, BenchSettings settings, int sequences)
    {
        using var engine = new Engine(model, settings, sequences * (Prompt + Tokens), new DecodeOptions { Running = sequences, Reuse = false });
        var answers = await Task.WhenAll(Enumerable.Range(0, sequences).Select(i =>
            engine.Ask(new Question(Words.Of(i, Prompt, settings.Shape.Vocabulary), Tokens), new SamplerOptions { Temperature = 0 })));
        // While all generate: prompts of one length are computed in one wave, and what it takes is not decoding.
        var gap = answers.Select(a => Percentiles.Median(a.GapsMs)).Max();
        return sequences * 1000 / gap;
    }
}
