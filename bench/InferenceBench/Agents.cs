using System.Diagnostics;
using AgentMesh.Inference.Decoding;
using AgentMesh.Inference.LlamaCpp;
using AgentMesh.Inference.Sampling;

namespace AgentMesh.InferenceBench;

/// <summary>What a team of agents asks: 32 requests that begin with the same 1,500 tokens, 200 of their own, 64 out; beside our engine without its cache, and llama-server with its own.</summary>
internal static class Agents
{
    private const int Requests = 32, Shared = 1500, Own = 200, Out = 64;

    public static async Task Run(LlamaModel model, string path, BenchSettings settings)
    {
        var role = Words.Of(1, Shared, settings.Shape.Vocabulary);
        Question[] questions = [.. Enumerable.Range(0, Requests).Select(i => new Question([.. role, .. Words.Of(100 + i, Own, settings.Shape.Vocabulary)], Out))];
        List<double> ours = [], plain = [], theirs = [];
        for (var round = 0; round < settings.Rounds; round++)
        {
            using (var server = await LlamaServer.Start(settings, path, Requests, Requests * (Shared + Own + Out)))
                theirs.Add(await PerSecond(questions, q => server.Ask(q, "", cache: true)));
            using (var engine = new Engine(model, settings, 16_384)) ours.Add(await PerSecond(questions, q => engine.Ask(q, new SamplerOptions { Temperature = 0 })));
            using (var engine = new Engine(model, settings, Requests * (Shared + Own + Out), new DecodeOptions { Reuse = false }, cached: 0))
                plain.Add(await PerSecond(questions, q => engine.Ask(q, new SamplerOptions { Temperature = 0 })));
        }

        var (a, b, c) = (Percentiles.Median(ours), Percentiles.Median(plain), Percentiles.Median(theirs));
        Console.WriteLine($"agents, {Shared} shared + {Own} own + {Out} out: {a:0.00} requests/s, without the cache {b:0.00}: {a / b:0.00} x (aim 2); llama-server {c:0.00}: {a / c:0.00} x (aim 1.2)");
    }

    private static async Task<double> PerSecond(Question[] questions, Func<Question, Task<Answer>> ask)
    {
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(questions.Select(ask));
        return questions.Length / watch.Elapsed.TotalSeconds;
    }
}
