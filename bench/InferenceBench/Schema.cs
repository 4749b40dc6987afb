using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMesh.Agents;
using AgentMesh.GrammarBench;
using AgentMesh.Inference.Grammars;
using AgentMesh.Inference.InProcess;
using AgentMesh.Inference.LlamaCpp;
using AgentMesh.Inference.Sampling;
using Microsoft.Extensions.AI;

namespace AgentMesh.InferenceBench;

/// <summary>
/// Answers held to the plan's schema beside the same ones free, scripted, for a model of random weights writes no plans; and answers of that model itself, held
/// to the schema with short texts, so that they end, and judged by reading them.
/// </summary>
internal static class Schema
{
    private const int Requests = 32, Prompt = 100, Cells = 16_384, Most = 600, Short = 8, Few = 2;

    public static async Task Run(LlamaModel model, string path, BenchSettings settings)
    {
        var tokenizer = new Vocabulary(settings.Shape.Vocabulary, Plans.Text);
        var vocabulary = new GrammarVocabulary(tokenizer);
        var grammar = JsonSchemaGrammar.Compile(PlanPrompt.Schema);
        List<double> free = [], held = [];
        var (calls, tokens) = (0, 0);
        for (var round = 0; round < settings.Rounds; round++)
        {
            free.Add((await Measure(round, held: false)).Speed);
            var (speed, answers) = await Measure(round, held: true);
            held.Add(speed);
            calls += answers.Sum(a => a.Outcome!.Calls);
            tokens += answers.Sum(a => a.Outcome!.Generated);
        }

        Report.Ratio("schema, tokens/s held and free", held.Max(), free.Max(), 0.9);
        Report.Share("schema, fewer decode calls than tokens", 1 - ((double)calls / tokens), 0.3);
        await Valid(path, settings);

        async Task<(double Speed, Answer[] Answers)> Measure(int round, bool held)
        {
            using var engine = new Engine(model, settings, Cells);
            var watch = Stopwatch.StartNew();
            var answers = await Task.WhenAll(Enumerable.Range(round * Requests, Requests).Select(i => engine.Ask(
                Words.Of(i, Prompt, settings.Shape.Vocabulary), Most,
                new Script(tokenizer, Plans.Of(i), new Sampler(new SamplerOptions { Seed = i }), held ? vocabulary.Start(grammar) : null))));
            return (answers.Sum(a => a.Outcome!.Generated) / watch.Elapsed.TotalSeconds, answers);
        }
    }

    private static async Task Valid(string path, BenchSettings settings)
    {
        using var engine = LlamaEngine.Load(path, new LlamaEngineOptions { Name = "bench", Context = Cells, Threads = settings.Threads, Device = settings.Device, Trusted = true });
        var schema = JsonNode.Parse(PlanPrompt.Schema.GetRawText())!;
        Shorten(schema);
        using var document = JsonDocument.Parse(schema.ToJsonString());
        var format = ChatResponseFormat.ForJsonSchema(document.RootElement);
        var answers = await Task.WhenAll(Enumerable.Range(0, Requests).Select(i => engine.Chat.GetResponseAsync(
            [new ChatMessage(ChatRole.User, $"Plan goal {i}.")], new ChatOptions { Seed = i, MaxOutputTokens = Most, ResponseFormat = format })));
        Report.Share("schema, valid answers", (double)answers.Count(a => a.FinishReason == ChatFinishReason.Stop && Obeys(a.Text)) / Requests, 1);
    }

    /// <summary>Bounds every text and list.</summary>
    private static void Shorten(JsonNode schema)
    {
        if (schema is not JsonObject node) return;
        string[] types = node["type"] switch { JsonArray several => [.. several.Select(t => t!.GetValue<string>())], JsonValue one => [one.GetValue<string>()], _ => [] };
        if (types.Contains("string")) node["maxLength"] = Short;
        if (types.Contains("array")) node["maxItems"] = Few;
        if (node["items"] is { } items) Shorten(items);
        foreach (var (_, member) in node["properties"] as JsonObject ?? []) Shorten(member!);
    }

    private static bool Obeys(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var plan = document.RootElement;
            return Members(plan, "reason", "steps", "deliver") && IsText(plan.GetProperty("reason")) && plan.GetProperty("deliver").EnumerateArray().All(IsText)
                && plan.GetProperty("steps").EnumerateArray().All(Step);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }

        static bool Step(JsonElement step) =>
            Members(step, "id", "role", "instruction", "inputs", "produces", "when", "tools")
            && IsText(step.GetProperty("id")) && IsText(step.GetProperty("role")) && IsText(step.GetProperty("instruction")) && IsText(step.GetProperty("produces")) && step.GetProperty("inputs").EnumerateArray().All(IsText)
            && (step.GetProperty("when") is { ValueKind: JsonValueKind.Null } or { ValueKind: JsonValueKind.String })
            && (step.GetProperty("tools") is { ValueKind: JsonValueKind.Null } tools || step.GetProperty("tools").EnumerateArray().All(IsText));

        static bool Members(JsonElement value, params string[] names) => value.EnumerateObject().Select(m => m.Name).SequenceEqual(names);

        static bool IsText(JsonElement value) => value.ValueKind == JsonValueKind.String && new System.Globalization.StringInfo(value.GetString()!).LengthInTextElements <= Short;
    }
}
