namespace AgentMesh.Inference.Sampling;

/// <summary>
/// What choosing a token needs as large as the vocabulary, once for each thread: for each request, dozens of them would take a hundred megabytes. Holds nothing from
/// one choice to the next.
/// </summary>
internal sealed class SamplerBuffers
{
    [ThreadStatic]
    private static SamplerBuffers? t_own;

    private ulong[] words = [];
    private float[] numbers = [];

    public static SamplerBuffers OfThisThread => t_own ??= new();

    public Candidates Candidates { get; } = new();

    /// <summary>So many numbers, whatever they are.</summary>
    public Span<float> Numbers(int count)
    {
        if (numbers.Length < count) numbers = new float[Math.Max(count, 2 * numbers.Length)];
        return numbers.AsSpan(0, count);
    }

    /// <summary>So many words of bits, whatever they are.</summary>
    public Span<ulong> Words(int count)
    {
        if (words.Length < count) words = new ulong[count];
        return words.AsSpan(0, count);
    }
}
