namespace AgentMesh.Inference.Sampling;

/// <summary>
/// SplitMix64: a counter that goes up by the golden ratio's fraction, mixed by shifts and multiplications. Its whole state is 64 bits, so that a request costs
/// nothing to seed; unlike the runtime's generator it stays the same with every version.
/// </summary>
internal struct SplitMix(ulong seed)
{
    private ulong state = seed;

    public ulong Next()
    {
        var mixed = state += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>From 0 to 1, exclusive.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));
}
