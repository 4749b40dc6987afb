namespace AgentMesh.InferenceBench;

/// <summary>Prompts of random tokens, the same for the same seed. Control tokens, which have the first ids, are left out.</summary>
internal static class Words
{
    public static int[] Of(int seed, int count, int vocabulary)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(300, Math.Min(vocabulary, 40_000)))];
    }
}
