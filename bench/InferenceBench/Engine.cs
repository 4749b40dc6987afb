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

    public async Task<Answer> Ask(Question question, SamplerOptions sampling, string tenant = "default", CancellationToken ct = default)
    {
        var answer = new Answer();
        var generation = _loop.Start(new GenerationRequest(question.Prompt, question.Tokens, new Free(new Sampler(sampling))) { Tenant = tenant }, ct);
        await foreach (var _ in generation.Tokens.ReadAllAsync(CancellationToken.None)) answer.Tick();
        answer.Ended();
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
    private readonly List<long> _ticks = [];

    public int Tokens => _ticks.Count;

    public IReadOnlyList<long> Ticks => _ticks;

    public TimeSpan Took { get; private set; }

    public IEnumerable<double> GapsMs => _ticks.Zip(_ticks.Skip(1), (a, b) => Stopwatch.GetElapsedTime(a, b).TotalMilliseconds);

    public void Tick() => _ticks.Add(Stopwatch.GetTimestamp());

    public void Ended() => Took = Stopwatch.GetElapsedTime(_asked);
}
