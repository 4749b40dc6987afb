using System.Diagnostics;
using System.Text.Json;
using AgentMesh.Agents;
using AgentMesh.Inference.InProcess;
using Microsoft.Extensions.AI;

namespace AgentMesh.InferenceBench;

/// <summary>Answers held to the plan's schema, beside free ones of the same engine.</summary>
internal static class Schema
{
    private const int Requests = 32, Tokens = 200;

    public static async Task Run(string path, BenchSettings settings)
    {
        List<double> free = [], held = [];
        var (whole, calls, tokens) = (0, 0L, 0L);
        using var engine = LlamaEngine.Load(path, new LlamaEngineOptions { Name = "bench", Context = 16_384, Threads = settings.Threads, Device = settings.Device, Trusted = true });
        var format = ChatResponseFormat.ForJsonSchema(PlanPrompt.Schema);
        // The first compiles the schema and meets an empty cache of masks.
        await Ask(engine, 0, format);
        for (var round = 0; round < settings.Rounds; round++)
        {
            free.Add((await Measure(engine, round, null)).Speed);
            var before = engine.Stats;
            var (speed, answers) = await Measure(engine, round, format);
            held.Add(speed);
            whole += answers.Count(a => a.FinishReason == ChatFinishReason.Stop && Obeys(a.Text));
            tokens += engine.Stats.GeneratedTokens - before.GeneratedTokens;
            calls += engine.Stats.GeneratedTokens - before.GeneratedTokens - (engine.Stats.ForcedTokens - before.ForcedTokens);
        }

        var (a, b) = (Percentiles.Median(held), Percentiles.Median(free));
        Console.WriteLine($"schema: {a:0.0} tokens/s, free {b:0.0}: {a / b:0.000} x (aim 0.9); {100.0 * (tokens - calls) / tokens:0} % fewer decode calls than tokens (aim 30); {whole} of {settings.Rounds * Requests} whole and valid, the others cut at {Tokens} tokens");
    }

    private static async Task<(double Speed, ChatResponse[] Answers)> Measure(LlamaEngine engine, int round, ChatResponseFormat? format)
    {
        var watch = Stopwatch.StartNew();
        var answers = await Task.WhenAll(Enumerable.Range(0, Requests).Select(i => Ask(engine, (round * Requests) + i, format)));
        return (answers.Sum(a => a.Usage?.OutputTokenCount ?? 0) / watch.Elapsed.TotalSeconds, answers);
    }

    private static Task<ChatResponse> Ask(LlamaEngine engine, int seed, ChatResponseFormat? format) =>
        engine.Chat.GetResponseAsync([new ChatMessage(ChatRole.User, $"Plan goal {seed}.")], new ChatOptions { Seed = seed, MaxOutputTokens = Tokens, ResponseFormat = format });

    private static bool Obeys(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
