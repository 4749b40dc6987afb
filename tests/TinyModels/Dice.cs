namespace AgentMesh.TinyModels;

/// <summary>Numbers that look random and are the same for the same seed and name, on every machine.</summary>
internal sealed class Dice
{
    private ulong _state;

    public Dice(int seed, string name)
    {
        _state = (ulong)seed * 0x9E3779B97F4A7C15 + 0xD1B54A32D192ED03;
        foreach (var c in name) _state = (_state ^ c) * 0x100000001B3;
    }

    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }

    public int Below(int limit) => (int)(Next() % (ulong)limit);

    /// <summary>Fills with numbers around <paramref name="mean"/> that spread by <paramref name="deviation"/>: the sum of four even ones is near enough to the normal distribution.</summary>
    public void Fill(Span<float> numbers, float mean, float deviation)
    {
        // Each of the four has a variance of 65536²/12.
        var scale = deviation / (65536f * MathF.Sqrt(4 / 12f));
        for (var i = 0; i < numbers.Length; i++)
        {
            var bits = Next();
            var sum = (int)(bits & 0xFFFF) + (int)(bits >> 16 & 0xFFFF) + (int)(bits >> 32 & 0xFFFF) + (int)(bits >> 48) - 2 * 65535;
            numbers[i] = mean + sum * scale;
        }
    }
}
