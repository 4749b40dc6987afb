using System.Diagnostics;
using AgentMesh.Inference.Decoding;
using AgentMesh.Inference.LlamaCpp;
using AgentMesh.Inference.Sampling;

namespace AgentMesh.InferenceBench;

/// <summary>What a team of agents asks: 32 requests that begin with the same 1,500 tokens, 200 of their own, 64 out; beside our engine without its cache, and llama-server with its own.</summary>
internal static class Agents
{
    private const int Requests = 32, Shared = 1500, Own = 200, Out = 64, Cells = Requests * 1792;

    public static async Task Run(LlamaModel model, string path, BenchSettings settings)
    {
        var role = Words.Of(1, Shared, settings.Shape.Vocabulary);
        Question[] questions = [.. Enumerable.Range(0, Requests).Select(i => new Question([.. role, .. Words.Of(100 + i, Own, settings.Shape.Vocabulary)], Out))];
        List<double> ours = [], theirs = [];
        var without = 0.0;
        for (var round = 0; round < (settings.Rounds + 2) / 3; round++)
        {
            using (var server = await LlamaServer.Start(settings, path, Requests, Cells)) theirs.Add(await PerSecond(questions, q => server.Ask(q, "", cache: true)));
            using (var engine = new Engine(model, settings, Cells, cached: 0, separate: true)) ours.Add(await PerSecond(questions, Greedy(engine)));
            // It takes long, and what is looked for is far away.
            if (round > 0) continue;
            using var plain = new Engine(model, settings, Cells, new DecodeOptions { Reuse = false }, cached: 0, separate: true);
            without = await PerSecond(questions, Greedy(plain));
        }

        Report.Ratio("agents, requests/s with and without the cache", ours.Max(), without, 2);
        Report.Ratio("agents, requests/s, and llama-server's with its own", ours.Max(), theirs.Max(), 1.2);
    }

    private static Func<Question, Task<Answer>> Greedy(Engine engine) => question => engine.Ask(question, new SamplerOptions { Temperature = 0 });

    private static async Task<double> PerSecond(Question[] questions, Func<Question, Task<Answer>> ask)
    {
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(questions.Select(ask));
        return questions.Length / watch.Elapsed.TotalSeconds;
    }
}
