using AgentMesh.Inference.Decoding;
using AgentMesh.Inference.LlamaCpp;

namespace AgentMesh.Inference.InProcess;

/// <summary>What a model does with so many requests at once.</summary>
/// <param name="PromptPerSecond">Tokens of prompts, of all requests together; nothing comes from the cache.</param>
/// <param name="GeneratedPerSecond">Tokens generated, of all requests together, after short prompts.</param>
/// <param name="FirstToken">From a request's arrival to its first token, the prompts computed together: the mean.</param>
/// <param name="FirstTokenAtWorst">The longest of them.</param>
/// <param name="MemoryBytes">What the process held of the machine's memory at the end.</param>
public sealed record BenchFigures(int Parallel, double PromptPerSecond, double GeneratedPerSecond, TimeSpan FirstToken, TimeSpan FirstTokenAtWorst, long MemoryBytes);

/// <summary>Measures a loaded model, through the same loop that serves it.</summary>
internal sealed class LlamaBench(DecodeLoop loop, LlamaTokenizer tokenizer, TimeProvider time)
{
    private const int ShortPrompt = 16;
    private int _salt;

    /// <exception cref="PromptTooLongException">One request has more tokens than the context.</exception>
    /// <exception cref="LlamaException">The model failed.</exception>
    public async Task<BenchFigures> Run(int parallel, int prompt, int generate, CancellationToken ct)
    {
        // The first batches of a kind are slower than what follows.
        await All(parallel, ShortPrompt, 2, ct);
        var (read, prompts) = await All(parallel, prompt, 1, ct);
        var (wrote, _) = await All(parallel, ShortPrompt, generate, ct);
        List<TimeSpan> first = [.. prompts.Select(p => p.FirstToken ?? p.Took)];
        return new BenchFigures(
            parallel, parallel * (double)prompt / read.TotalSeconds, parallel * (double)generate / wrote.TotalSeconds,
            TimeSpan.FromSeconds(first.Average(f => f.TotalSeconds)), first.Max(), Environment.WorkingSet);
    }

    private async Task<(TimeSpan Took, IReadOnlyList<GenerationOutcome> Outcomes)> All(int parallel, int prompt, int generate, CancellationToken ct)
    {
        var since = time.GetTimestamp();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, parallel)
            .Select(i => loop.Start(new GenerationRequest(Prompt(prompt), generate, new Same(NoEnd())), ct).Outcome));
        ct.ThrowIfCancellationRequested();
        if (outcomes.FirstOrDefault(o => o.End == GenerationEnd.Failed) is { } failed) throw new LlamaException(failed.Failure ?? "The model failed.");
        return (time.GetElapsedTime(since), outcomes);
    }

    /// <summary>No two begin alike, so that the cache has nothing of any.</summary>
    private int[] Prompt(int length)
    {
        var salt = ++_salt;
        return [.. Enumerable.Range(0, length).Select(i => Plain((salt * 7919) + (i * 104_729)))];
    }

    private int NoEnd() => Plain(++_salt * 31);

    private int Plain(int number)
    {
        var token = (int)((uint)number % tokenizer.Size);
        while (tokenizer.IsControl(token) || tokenizer.IsEnd(token)) token = (token + 1) % tokenizer.Size;
        return token;
    }

    /// <summary>Always the same token: every request generates as many as it is asked for.</summary>
    private sealed class Same(int token) : ITokenChooser
    {
        public bool Complete => false;

        public int Choose(ReadOnlySpan<float> logits) => token;

        public ReadOnlySpan<int> Forced() => [];
    }
}
