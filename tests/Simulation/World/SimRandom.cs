namespace AgentMesh.Simulation;

/// <summary>SplitMix64: the same numbers from the same seed on every machine and runtime.</summary>
internal sealed class SimRandom(ulong seed)
{
    private ulong state = seed;

    public ulong Next()
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>0 … <paramref name="below"/> - 1.</summary>
    public int Next(int below) => (int)(Next() % (ulong)below);

    public bool Chance(double probability) => (Next() >> 11) * (1.0 / (1UL << 53)) < probability;

    public TimeSpan Within(TimeSpan longest) => TimeSpan.FromTicks((long)(Next() % (ulong)Math.Max(1, longest.Ticks)));

    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[Next(choices.Length)];

    /// <summary>A generator of its own for one name, so that what one place draws does not shift what another does.</summary>
    public static SimRandom For(ulong seed, string name)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in name) hash = (hash ^ c) * 1099511628211UL;
        return new SimRandom(seed * 0xD1342543DE82EF95 ^ hash);
    }
}
