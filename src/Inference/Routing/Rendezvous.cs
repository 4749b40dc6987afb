namespace AgentMesh.Inference.Routing;

/// <summary>
/// Highest random weight hashing: every device draws a number for a prefix, the highest owns it. When a device leaves, only its own prefixes move;
/// one with twice the slots owns twice as many.
/// </summary>
internal static class Rendezvous
{
    /// <param name="weight">Positive.</param>
    public static double Score(ulong prefix, string device, double weight)
    {
        // The logarithm makes the highest of weighted draws fall in proportion to the weights.
        var draw = ((Mix(prefix ^ Mix(Hash(device))) >> 11) + 0.5) / (1UL << 53);
        return -weight / Math.Log(draw);
    }

    /// <summary>FNV-1a over UTF-16: the same in every process, unlike string.GetHashCode.</summary>
    private static ulong Hash(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in text) hash = (hash ^ c) * 1099511628211UL;
        return hash;
    }

    /// <summary>The finaliser of SplitMix64: every bit of the input moves every bit of the output.</summary>
    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9UL;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EBUL;
        return x ^ (x >> 31);
    }
}
