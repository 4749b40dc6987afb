using System.Diagnostics;
using System.Text;
using AgentMesh.Agents;
using AgentMesh.GrammarBench;
using AgentMesh.Inference.Grammars;
using AgentMesh.Inference.Sampling;

// What constrained decoding costs on the processor: compiling, masks, forced tokens, sampling, on a made-up vocabulary of 150,000 tokens.
// Run it with: dotnet run -c Release --project bench/GrammarBench
const int Size = 150_000;
const string Answer =
    """{"reason":"The invoice is read first, then checked against the order.","steps":[{"id":"read","role":"retriever","instruction":"Find the terms of the invoice and of the order.","inputs":["email-1"],"produces":"passages","when":null,"tools":null},{"id":"write","role":"writer","instruction":"Answer the customer with the terms.","inputs":["read","email-1"],"produces":"reply","when":"category.confidence >= 0.8","tools":["knowledge.search"]}],"deliver":["write"]}""";

var tokenizer = new Vocabulary(Size, Answer);
var clock = Stopwatch.StartNew();
var vocabulary = new GrammarVocabulary(tokenizer);
Console.WriteLine($"vocabulary of {tokenizer.Size:N0} tokens made ready: {clock.Elapsed.TotalMilliseconds:F0} ms, once for each model");

clock.Restart();
var grammar = JsonSchemaGrammar.Compile(PlanPrompt.Schema);
Console.WriteLine($"plan schema compiled: {clock.Elapsed.TotalMilliseconds:F1} ms the first time in the process");
clock.Restart();
for (var i = 0; i < 100; i++) JsonSchemaGrammar.Compile(System.Text.Json.JsonDocument.Parse(PlanPrompt.Schema.GetRawText().Replace("\"reason\"", $"\"reason{i}\"", StringComparison.Ordinal)).RootElement);
Console.WriteLine($"plan schema compiled anew: {clock.Elapsed.TotalMilliseconds / 100:F2} ms (mean of 100)");

var text = Encoding.UTF8.GetBytes(Answer);
for (var round = 0; round < 3; round++) Console.WriteLine($"{(round == 0 ? "first answer, nothing kept" : "further answer")}: {Walk(round == 0 ? 1 : 200)}");

var logits = Enumerable.Range(0, Size).Select(i => (float)Math.Sin(i * 12.9898) * 10).ToArray();
var mask = new ulong[vocabulary.Words];
for (var i = 0; i < mask.Length; i++) mask[i] = i % 3 == 0 ? ulong.MaxValue : (ulong)i * 0x9E3779B97F4A7C15UL;
Time("greedy over the row", new SamplerOptions { Temperature = 0 }, []);
Time("greedy under a mask", new SamplerOptions { Temperature = 0 }, mask);
Time("top-k 40, top-p, min-p", new SamplerOptions(), mask);
Time("top-p without top-k", new SamplerOptions { TopK = 0, MinP = 0 }, mask);

string Walk(int answers)
{
    var times = new List<double>();
    var (tokens, decodes) = (0, 0);
    for (var answer = 0; answer < answers; answer++)
    {
        var state = vocabulary.Start(grammar);
        for (var at = 0; at < text.Length;)
        {
            var begin = Stopwatch.GetTimestamp();
            var forced = state.Forced();
            var token = -1;
            if (forced.Count == 0)
            {
                var allowed = state.Mask();
                token = Longest(allowed, at);
                decodes++;
            }

            foreach (var one in forced.Count > 0 ? forced : [token])
            {
                if (!state.Accept(one)) throw new InvalidOperationException("The grammar refuses the answer.");
                at += tokenizer.Bytes(one).Length;
                tokens++;
            }

            times.Add(Stopwatch.GetElapsedTime(begin).TotalMicroseconds);
        }
    }

    times.Sort();
    return $"{tokens / answers} tokens, {decodes / answers} decode calls ({100.0 * (tokens - decodes) / tokens:F0} % fewer); each call p50 {times[times.Count / 2]:F2} µs, p99 {times[(int)(times.Count * 0.99)]:F2} µs, most {times[^1]:F0} µs";
}

// The model's choice: the longest allowed token that the answer goes on with. Looking for it is part of the times.
int Longest(ReadOnlySpan<ulong> allowed, int at)
{
    for (var length = Math.Min(24, text.Length - at); length > 0; length--)
        if (tokenizer.Find(text.AsSpan(at, length)) is >= 0 and var token && (allowed[token >> 6] >> token & 1) != 0) return token;
    throw new InvalidOperationException("No token fits.");
}

void Time(string name, SamplerOptions options, ulong[] allowed)
{
    var sampler = new Sampler(options, 1);
    for (var i = 0; i < 300; i++) sampler.Sample(logits, allowed);
    var times = new List<double>();
    for (var i = 0; i < 1_000; i++)
    {
        var begin = Stopwatch.GetTimestamp();
        sampler.Sample(logits, allowed);
        times.Add(Stopwatch.GetElapsedTime(begin).TotalMicroseconds);
    }

    times.Sort();
    Console.WriteLine($"{name}: p50 {times[500]:F1} µs, p99 {times[990]:F1} µs");
}
