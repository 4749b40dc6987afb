namespace AgentMesh.Inference.Sampling;

/// <summary>Tokens that may be chosen, with their logits. Its arrays are kept from token to token.</summary>
internal sealed class Candidates
{
    private float[] logits = new float[64];
    private int[] tokens = new int[64];

    public int Count { get; private set; }

    public Span<float> Logits => logits.AsSpan(0, Count);

    public Span<int> Tokens => tokens.AsSpan(0, Count);

    public void Clear() => Count = 0;

    public void Cut(int count) => Count = Math.Min(Count, count);

    /// <summary>Adds one; at <paramref name="most"/> it takes the place of the smallest, if it is larger.</summary>
    /// <returns>What a further one must be larger than.</returns>
    public float Add(int token, float logit, int most)
    {
        if (Count < most)
        {
            if (Count == logits.Length)
            {
                Array.Resize(ref logits, 2 * Count);
                Array.Resize(ref tokens, 2 * Count);
            }

            (logits[Count], tokens[Count]) = (logit, token);
            Count++;
            // A heap with the smallest on top; without a limit none is needed.
            if (most < int.MaxValue) Rise(Count - 1);
            return Count < most ? float.NegativeInfinity : logits[0];
        }

        if (logit > logits[0])
        {
            (logits[0], tokens[0]) = (logit, token);
            Sink();
        }

        return logits[0];
    }

    /// <summary>The largest first; equal ones in an order that depends on nothing but the row.</summary>
    public void Sort()
    {
        Logits.Sort(Tokens);
        Logits.Reverse();
        Tokens.Reverse();
    }

    private void Rise(int at)
    {
        for (int above; at > 0 && logits[at] < logits[above = (at - 1) / 2]; at = above) Swap(at, above);
    }

    private void Sink()
    {
        for (var at = 0; ;)
        {
            var least = at;
            for (var below = (2 * at) + 1; below <= (2 * at) + 2 && below < Count; below++)
                if (logits[below] < logits[least]) least = below;
            if (least == at) return;
            Swap(at, least);
            at = least;
        }
    }

    private void Swap(int a, int b)
    {
        (logits[a], logits[b]) = (logits[b], logits[a]);
        (tokens[a], tokens[b]) = (tokens[b], tokens[a]);
    }
}
