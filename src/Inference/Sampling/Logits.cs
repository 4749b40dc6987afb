using System.Numerics;
using System.Runtime.Intrinsics;

namespace AgentMesh.Inference.Sampling;

/// <summary>Searches a row of logits under a mask, 64 at a time: most words of a mask are all ones or all zeros. NaN is never found.</summary>
internal static class Logits
{
    private const int Word = 64;

    /// <summary>The first of the largest allowed; -1 when no number is allowed.</summary>
    public static int Largest(ReadOnlySpan<float> logits, ReadOnlySpan<ulong> mask)
    {
        var (best, index) = (float.NegativeInfinity, -1);
        for (var start = 0; start < logits.Length; start += Word)
        {
            var allowed = Allowed(mask, start, logits.Length);
            var block = logits[start..Math.Min(start + Word, logits.Length)];
            if (!Beats(block, allowed, best)) continue;
            for (; allowed != 0; allowed &= allowed - 1)
            {
                var i = BitOperations.TrailingZeroCount(allowed);
                if (block[i] > best) (best, index) = (block[i], start + i);
            }
        }

        return index >= 0 ? index : Least(logits, mask);
    }

    /// <summary>Collects the allowed logits that are at least <paramref name="least"/>, or when <paramref name="most"/> is reached the largest so many.</summary>
    public static void Collect(ReadOnlySpan<float> logits, ReadOnlySpan<ulong> mask, float least, int most, Candidates into)
    {
        // The next float below makes "greater" of "at least".
        var bar = MathF.BitDecrement(least);
        for (var start = 0; start < logits.Length; start += Word)
        {
            var allowed = Allowed(mask, start, logits.Length);
            var block = logits[start..Math.Min(start + Word, logits.Length)];
            if (!Beats(block, allowed, bar)) continue;
            for (; allowed != 0; allowed &= allowed - 1)
            {
                var i = BitOperations.TrailingZeroCount(allowed);
                if (block[i] > bar) bar = Math.Max(bar, into.Add(start + i, block[i], most));
            }
        }
    }

    private static ulong Allowed(ReadOnlySpan<ulong> mask, int start, int length)
    {
        var allowed = mask.IsEmpty ? ulong.MaxValue : mask[start / Word];
        return length - start >= Word ? allowed : allowed & ((1UL << (length - start)) - 1);
    }

    // Everything allowed may be minus infinity.
    private static int Least(ReadOnlySpan<float> logits, ReadOnlySpan<ulong> mask)
    {
        for (var start = 0; start < logits.Length; start += Word)
            for (var allowed = Allowed(mask, start, logits.Length); allowed != 0; allowed &= allowed - 1)
                if (logits[start + BitOperations.TrailingZeroCount(allowed)] == float.NegativeInfinity) return start + BitOperations.TrailingZeroCount(allowed);
        return -1;
    }

    private static bool Beats(ReadOnlySpan<float> block, ulong allowed, float bar)
    {
        if (allowed == 0) return false;
        if (block.Length < Word) return true;
        var bars = Vector256.Create(bar);
        if (allowed == ulong.MaxValue)
        {
            var any = Vector256<float>.Zero;
            for (var i = 0; i < Word; i += 8) any = Vector256.BitwiseOr(any, Vector256.GreaterThan(Vector256.Create(block[i..]), bars));
            return any.AsUInt32() != Vector256<uint>.Zero;
        }

        var lanes = Vector256.Create(1u, 2, 4, 8, 16, 32, 64, 128);
        var some = Vector256<uint>.Zero;
        for (var i = 0; i < Word; i += 8)
        {
            var chosen = (uint)(allowed >> i) & 0xFF;
            if (chosen == 0) continue;
            var open = Vector256.Equals(Vector256.BitwiseAnd(Vector256.Create(chosen), lanes), lanes);
            some = Vector256.BitwiseOr(some, Vector256.BitwiseAnd(open, Vector256.GreaterThan(Vector256.Create(block[i..]), bars).AsUInt32()));
        }

        return some != Vector256<uint>.Zero;
    }
}
