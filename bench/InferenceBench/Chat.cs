using System.Diagnostics;
using AgentMesh.Inference.LlamaCpp;
using AgentMesh.Inference.Sampling;

namespace AgentMesh.InferenceBench;

/// <summary>Requests of mixed lengths, 32 at once, beside llama-server with as many slots.</summary>
internal static class Chat
{
    private const int AtOnce = 32, Requests = 96, Cells = 24_576;
    private const string TheirSampling = "\"temperature\":0.8,\"top_k\":40,\"top_p\":0.95,\"min_p\":0.05,\"seed\":1";

    public static async Task Run(LlamaModel model, string path, BenchSettings settings)
    {
        var random = new Random(7);
        Question[] questions = [.. Enumerable.Range(0, Requests).Select(i => new Question(Words.Of(1000 + i, random.Next(32, 400), settings.Shape.Vocabulary), random.Next(16, 128)))];
        List<(double Speed, double Gap)> ours = [], theirs = [];
        for (var round = 0; round < settings.Rounds; round++)
        {
            using (var server = await LlamaServer.Start(settings, path, AtOnce, Cells))
                theirs.Add(await Measure(questions, q => server.Ask(q, TheirSampling, cache: true)));
            using var engine = new Engine(model, settings, Cells, cached: 0, separate: true);
            ours.Add(await Measure(questions, q => engine.Ask(q, new SamplerOptions { Seed = 1 })));
        }

        Report.Ratio($"chat, tokens/s of {AtOnce} at once, and llama-server's", ours.Max(o => o.Speed), theirs.Max(t => t.Speed), 1);
        Report.Ratio("chat, ms p99 between two tokens, and llama-server's", ours.Min(o => o.Gap), theirs.Min(t => t.Gap), 1, atLeast: false);
    }

    /// <returns>Generated tokens a second, and the p99 between two tokens of an answer in ms.</returns>
    public static async Task<(double Speed, double Gap)> Measure(Question[] questions, Func<Question, Task<Answer>> ask)
    {
        var watch = Stopwatch.StartNew();
        List<Answer> answers = [];
        await Parallel.ForEachAsync(questions, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (question, _) =>
        {
            var answer = await ask(question);
            lock (answers) answers.Add(answer);
        });
        return (questions.Sum(q => q.Tokens) / watch.Elapsed.TotalSeconds, Percentiles.Of(answers.SelectMany(a => a.GapsMs), 0.99));
    }
}
