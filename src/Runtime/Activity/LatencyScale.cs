using System.Numerics;

namespace AgentMesh.Runtime.Activity;

/// <summary>
/// A log-linear scale for durations: 16 cells to each doubling, in microseconds up to 71 minutes, longer ones in the last cell. A cell's middle is
/// within 3.2 % of every duration in it, above 16 µs; below, within half a microsecond.
/// </summary>
public static class LatencyScale
{
    private const int Bits = 4;
    private const int Fine = 1 << Bits;

    public const int Cells = (28 * Fine) + Fine;

    public static int Cell(long microseconds)
    {
        var value = (ulong)Math.Clamp(microseconds, 0, uint.MaxValue);
        if (value < Fine) return (int)value;
        var shift = BitOperations.Log2(value) - Bits;
        return ((shift + 1) << Bits) + (int)(value >> shift) - Fine;
    }

    /// <summary>The middle of a cell, in microseconds.</summary>
    public static double Middle(int cell) => (Lowest(cell) + Lowest(cell + 1)) / 2;

    /// <summary>The shortest duration of a cell, in microseconds.</summary>
    public static double Lowest(int cell) => cell < Fine ? cell : (double)((ulong)(Fine + (cell & (Fine - 1))) << ((cell >> Bits) - 1));

    /// <summary>The duration in milliseconds that this share of the counted calls does not exceed; 0 without calls.</summary>
    /// <param name="share">0..1.</param>
    public static double Quantile(ReadOnlySpan<long> counts, double share)
    {
        var total = 0L;
        foreach (var count in counts) total += count;
        if (total == 0) return 0;
        var rank = Math.Max(1, (long)Math.Ceiling(total * share));
        for (var cell = 0; cell < counts.Length; cell++)
            if ((rank -= counts[cell]) <= 0) return Middle(cell) / 1000;
        return 0;
    }
}
