namespace AgentMesh.Inference.Sampling;

/// <summary>The last tokens of a request, with how often each is among them.</summary>
internal sealed class Penalties(SamplerOptions options)
{
    private readonly int[] ring = new int[options.PenaltyTokens];
    private readonly Dictionary<int, int> counts = new(options.PenaltyTokens);
    private int next;
    private int filled;

    /// <summary>Whether anything is ever changed.</summary>
    public bool Matter => ring.Length > 0 && (options.RepetitionPenalty != 1 || options.FrequencyPenalty != 0 || options.PresencePenalty != 0);

    public Dictionary<int, int>.Enumerator GetEnumerator() => counts.GetEnumerator();

    public void Add(int token)
    {
        if (!Matter) return;
        if (filled == ring.Length)
        {
            var gone = ring[next];
            if (--counts[gone] == 0) counts.Remove(gone);
        }
        else
        {
            filled++;
        }

        ring[next] = token;
        next = (next + 1) % ring.Length;
        counts[token] = counts.GetValueOrDefault(token) + 1;
    }

    public float Apply(float logit, int count) =>
        (logit <= 0 ? logit * options.RepetitionPenalty : logit / options.RepetitionPenalty) - (count * options.FrequencyPenalty) - options.PresencePenalty;
}
