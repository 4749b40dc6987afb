using System.Numerics.Tensors;

namespace AgentMesh.Inference.Sampling;

/// <summary>
/// Chooses one request's tokens, in the order of llama.cpp's chain: penalties, top-k, top-p, min-p, temperature, chance. Not safe for use in parallel.
/// Once its thread's buffers have grown to the vocabulary it allocates nothing.
/// </summary>
/// <param name="seed">Used where the options have none.</param>
public sealed class Sampler(SamplerOptions options, long seed = 0)
{
    // Tokens less likely than e^-16 of the likeliest are looked at only when the others are not enough.
    private const float Window = 16;

    private readonly SamplerOptions options = options.Checked();
    private readonly Penalties penalties = new(options);
    private SplitMix chance = new((ulong)(options.Seed ?? seed));
    private SamplerBuffers buffers = null!;

    private Candidates Candidates => buffers.Candidates;

    /// <summary>Notes a token of the request: one that was sampled, forced, or stands in the prompt and is to count for the penalties.</summary>
    public void Accept(int token) => penalties.Add(token);

    /// <summary>Chooses the next token; <see cref="Accept"/> is the caller's to call.</summary>
    /// <param name="mask">Tokens that may be chosen: token t is bit t % 64 of word t / 64; empty: all.</param>
    /// <exception cref="ArgumentException">The mask is too short for the row, or nothing may be chosen: the mask is empty where the row has numbers.</exception>
    public int Sample(ReadOnlySpan<float> logits, ReadOnlySpan<ulong> mask = default)
    {
        if (!mask.IsEmpty && mask.Length < (logits.Length + 63) / 64) throw new ArgumentException("The mask has fewer bits than the row has logits.", nameof(mask));
        buffers = SamplerBuffers.OfThisThread;
        var free = penalties.Matter ? Unpenalized(logits.Length, mask) : mask;
        var (token, best) = Likeliest(logits, mask, free);
        if (token < 0) throw new ArgumentException("No token may be chosen: the mask allows none that has a number.", nameof(mask));
        if (options.Temperature == 0 || options.TopK == 1 || !float.IsFinite(best)) return token;

        Candidates.Clear();
        var most = options.TopK > 0 && options.TopK < logits.Length ? options.TopK : int.MaxValue;
        if (most < int.MaxValue) Narrowed(logits, mask, free, most, best);
        else Whole(logits, mask, free, best);
        return Drawn(best);
    }

    private (int Token, float Logit) Likeliest(ReadOnlySpan<float> logits, ReadOnlySpan<ulong> mask, ReadOnlySpan<ulong> free)
    {
        var token = Logits.Largest(logits, free);
        var best = token < 0 ? float.NegativeInfinity : logits[token];
        if (!penalties.Matter) return (token, best);
        foreach (var (lately, count) in penalties)
            if (Allowed(logits, mask, lately) && penalties.Apply(logits[lately], count) is var logit && (token < 0 || logit > best || (logit == best && lately < token)))
                (token, best) = (lately, logit);
        return (token, best);
    }

    private void Collect(ReadOnlySpan<float> logits, ReadOnlySpan<ulong> mask, ReadOnlySpan<ulong> free, float least, int most)
    {
        Logits.Collect(logits, free, least, most, Candidates);
        if (!penalties.Matter) return;
        foreach (var (lately, count) in penalties)
            if (Allowed(logits, mask, lately) && penalties.Apply(logits[lately], count) is var logit && logit >= least) Candidates.Add(lately, logit, most);
    }

    private void Narrowed(ReadOnlySpan<float> logits, ReadOnlySpan<ulong> mask, ReadOnlySpan<ulong> free, int most, float best)
    {
        Collect(logits, mask, free, float.MinValue, most);
        Candidates.Sort();
        if (options.TopP < 1) Cut(Mass(Candidates.Logits, best), best);
        CutUnlikely(best);
    }

    private void Whole(ReadOnlySpan<float> logits, ReadOnlySpan<ulong> mask, ReadOnlySpan<ulong> free, float best)
    {
        var least = options.MinP > 0 ? best + MathF.Log(options.MinP) : float.MinValue;
        if (options.TopP == 1)
        {
            Collect(logits, mask, free, least, int.MaxValue);
            return;
        }

        var all = MassOf(logits, mask, free, best);
        Collect(logits, mask, free, Math.Max(least, best - Window), int.MaxValue);
        if (best - Window > least && Mass(Candidates.Logits, best) < options.TopP * all)
        {
            Candidates.Clear();
            Collect(logits, mask, free, least, int.MaxValue);
        }

        Candidates.Sort();
        Cut(all, best);
    }

    // The likeliest that together have the probability, and at least one.
    private void Cut(double all, float best)
    {
        var (sum, enough) = (0.0, options.TopP * all);
        for (var i = 0; i < Candidates.Count; i++)
            if ((sum += Math.Exp(Candidates.Logits[i] - best)) >= enough)
            {
                Candidates.Cut(i + 1);
                return;
            }
    }

    private void CutUnlikely(float best)
    {
        if (options.MinP == 0) return;
        var least = best + MathF.Log(options.MinP);
        var count = Candidates.Count;
        while (count > 1 && Candidates.Logits[count - 1] < least) count--;
        Candidates.Cut(count);
    }

    private int Drawn(float best)
    {
        var weights = buffers.Numbers(Candidates.Count);
        TensorPrimitives.Subtract(Candidates.Logits, best, weights);
        TensorPrimitives.Divide(weights, options.Temperature, weights);
        TensorPrimitives.Exp(weights, weights);
        var all = 0.0;
        foreach (var weight in weights) all += weight;
        var left = chance.NextDouble() * all;
        for (var i = 0; i < weights.Length; i++)
            if (weights[i] > 0 && (left -= weights[i]) < 0) return Candidates.Tokens[i];
        // Rounding may leave a little; the likeliest is never wrong.
        return Candidates.Tokens[Candidates.Logits.IndexOf(best) is >= 0 and var i0 ? i0 : 0];
    }

    private double Mass(ReadOnlySpan<float> logits, float best)
    {
        var part = buffers.Numbers(logits.Length);
        TensorPrimitives.Subtract(logits, best, part);
        TensorPrimitives.Exp(part, part);
        return TensorPrimitives.Sum<float>(part);
    }

    // Of all allowed tokens: what does not count is minus infinity, whose exponential is nothing.
    private double MassOf(ReadOnlySpan<float> logits, ReadOnlySpan<ulong> mask, ReadOnlySpan<ulong> free, float best)
    {
        var part = buffers.Numbers(logits.Length);
        TensorPrimitives.Subtract(logits, best, part);
        for (var word = 0; word < free.Length && word * 64 < part.Length; word++)
        {
            if (free[word] == ulong.MaxValue) continue;
            var block = part[(word * 64)..Math.Min((word + 1) * 64, part.Length)];
            if (free[word] == 0) block.Fill(float.NegativeInfinity);
            else
                for (var i = 0; i < block.Length; i++)
                    if ((free[word] >> i & 1) == 0) block[i] = float.NegativeInfinity;
        }

        TensorPrimitives.Exp(part, part);
        var all = (double)TensorPrimitives.Sum<float>(part);
        if (!penalties.Matter) return all;
        foreach (var (lately, count) in penalties)
            if (Allowed(logits, mask, lately)) all += Math.Exp(penalties.Apply(logits[lately], count) - best);
        return all;
    }

    private ReadOnlySpan<ulong> Unpenalized(int length, ReadOnlySpan<ulong> mask)
    {
        var open = buffers.Words((length + 63) / 64);
        if (mask.IsEmpty) open.Fill(ulong.MaxValue);
        else mask[..open.Length].CopyTo(open);
        foreach (var (token, _) in penalties)
            if ((uint)token < (uint)length) open[token >> 6] &= ~(1UL << token);
        return open;
    }

    private static bool Allowed(ReadOnlySpan<float> logits, ReadOnlySpan<ulong> mask, int token) =>
        (uint)token < (uint)logits.Length && (mask.IsEmpty || (mask[token >> 6] >> token & 1) != 0);
}
