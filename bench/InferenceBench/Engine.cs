using System.Diagnostics;
using AgentMesh.Inference.Decoding;
using AgentMesh.Inference.LlamaCpp;
using AgentMesh.Inference.Sampling;

namespace AgentMesh.InferenceBench;

/// <summary>Our decode loop over the model, at the level of tokens, as llama-server's is asked: answers have exactly the length that is asked for.</summary>
internal sealed class Engine : IDisposable
{
    private readonly DecodeLoop _loop;

    /// <param name="cells">Of all sequences together.</param>
    /// <param name="cached">Sequences for what is kept of earlier requests.</param>
    /// <param name="separate">Whether each sequence has cells of its own.</param>
    public Engine(LlamaModel model, BenchSettings settings, int cells, DecodeOptions? options = null, int cached = 64, bool separate = false)
    {
        options ??= new DecodeOptions();
        var context = new LlamaContext(model, new LlamaContextOptions(cells, options.Running + cached, 512, options.Running, settings.Threads, Separate: separate));
        _loop = new DecodeLoop(context, _ => false, options, TimeProvider.System);
    }

    public DecodeStats Stats => _loop.Stats;

    public Task<Answer> Ask(Question question, SamplerOptions sampling, string tenant = "default", Action<Answer>? told = null, CancellationToken ct = default) =>
        Ask(question.Prompt, question.Tokens, new Free(new Sampler(sampling)), tenant, told, ct);

    /// <param name="told">Called after each token.</param>
    /// <returns>Also of one that was cancelled.</returns>
    public async Task<Answer> Ask(int[] prompt, int most, ITokenChooser chooser, string tenant = "default", Action<Answer>? told = null, CancellationToken ct = default)
    {
        var answer = new Answer();
        var generation = _loop.Start(new GenerationRequest(prompt, most, chooser) { Tenant = tenant }, ct);
        await foreach (var _ in generation.Tokens.ReadAllAsync(CancellationToken.None))
        {
            answer.Tick(answer.Tokens + 1);
            told?.Invoke(answer);
        }

        answer.Ended(await generation.Outcome);
        if (answer.Outcome is { End: GenerationEnd.Failed } failed) throw new InvalidOperationException(failed.Failure);
        return answer;
    }

    public void Dispose() => _loop.Dispose();

    private sealed class Free(Sampler sampler) : ITokenChooser
    {
        public bool Complete => false;

        public int Choose(ReadOnlySpan<float> logits)
        {
            var token = sampler.Sample(logits);
            sampler.Accept(token);
            return token;
        }

        public ReadOnlySpan<int> Forced() => [];
    }
}

/// <param name="Tokens">To generate.</param>
internal sealed record Question(int[] Prompt, int Tokens);

/// <summary>When an answer's tokens came, on the machine's clock.</summary>
internal sealed class Answer
{
    private readonly long _asked = Stopwatch.GetTimestamp();
    private readonly List<(long At, int Tokens)> _ticks = [];

    public int Tokens => _ticks.Count == 0 ? 0 : _ticks[^1].Tokens;

    public IEnumerable<long> Ticks => _ticks.Select(t => t.At);

    public TimeSpan Took { get; private set; }

    /// <summary>Between two tokens; where several came together, as if they had come one by one.</summary>
    public IEnumerable<double> GapsMs => _ticks.Zip(_ticks.Skip(1)).SelectMany(p =>
        Enumerable.Repeat(Stopwatch.GetElapsedTime(p.First.At, p.Second.At).TotalMilliseconds / (p.Second.Tokens - p.First.Tokens), p.Second.Tokens - p.First.Tokens));

    /// <param name="tokens">That came so far.</param>
    public void Tick(int tokens) => _ticks.Add((Stopwatch.GetTimestamp(), tokens));

    /// <summary>Of our engine only.</summary>
    public GenerationOutcome? Outcome { get; private set; }

    public void Ended(GenerationOutcome? outcome = null) => (Took, Outcome) = (Stopwatch.GetElapsedTime(_asked), outcome);
}
