using System.Diagnostics;
using AgentMesh.Inference.Decoding;
using AgentMesh.Inference.LlamaCpp;
using AgentMesh.Inference.Sampling;

namespace AgentMesh.InferenceBench;

/// <summary>Decode throughput with 1, 8 and 32 sequences, beside llama-batched-bench; ours samples and streams, too.</summary>
internal static class Decode
{
    private const int Prompt = 64, Tokens = 64, Cells = 256;
    private static readonly int[] Sequences = [1, 8, 32];

    /// <summary>The shorter a run, the less of the machine's better moments it meets.</summary>
    private static readonly int[] Turns = [1, 8, 1, 32, 1, 8, 1];

    public static async Task Run(LlamaModel model, string path, BenchSettings settings)
    {
        var ours = Sequences.ToDictionary(n => n, _ => new List<double>());
        var theirs = Sequences.ToDictionary(n => n, _ => new List<double>());
        // Often and short: what else the machine does comes and goes within seconds.
        for (var round = 0; round < settings.Rounds * 3; round++)
        {
            // In turns, both with cells of its own for each sequence, as is batched-bench's default.
            foreach (var n in Turns)
            {
                theirs[n].Add(BatchedBench.Run(settings, path, Prompt, Tokens, n));
                ours[n].Add(await Ours(model, settings, n));
            }
        }

        foreach (var n in Sequences)
            Report.Ratio($"decode, tokens/s of {n} sequences, and llama-batched-bench's", ours[n].Max(), theirs[n].Max(), 0.97);
    }

    private static async Task<double> Ours(LlamaModel model, BenchSettings settings, int sequences)
    {
        using var engine = new Engine(model, settings, sequences * Cells, new DecodeOptions { Running = sequences, Reuse = false }, cached: 0, separate: sequences > 1);
        var answers = await Task.WhenAll(Enumerable.Range(0, sequences).Select(i =>
            engine.Ask(new Question(Words.Of(i, Prompt, settings.Shape.Vocabulary), Tokens), new SamplerOptions { Temperature = 0 })));
        // While all generate: from the last one's first token to the first one's last.
        var (from, to) = (answers.Max(a => a.Ticks.First()), answers.Min(a => a.Ticks.Last()));
        return answers.Sum(Rate);

        // Each by its own ticks: at the window's edges most have just not got the token of a step that others have.
        double Rate(Answer answer)
        {
            long[] ticks = [.. answer.Ticks.Where(t => t >= from && t <= to)];
            return (ticks.Length - 1) / Stopwatch.GetElapsedTime(ticks[0], ticks[^1]).TotalSeconds;
        }
    }
}
