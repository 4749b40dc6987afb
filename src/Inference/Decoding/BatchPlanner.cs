namespace AgentMesh.Inference.Decoding;

/// <summary>
/// Who gets how many tokens of a batch. Who generates gets all of its pending tokens first, one or what its grammar forced; prompts share what is left.
/// Of that the oldest gets half, so that every prompt ends, and the one with the least to do the other half, so that short ones need not wait for long ones.
/// </summary>
internal static class BatchPlanner
{
    /// <param name="running">In order of arrival in the batch.</param>
    /// <param name="tokens">The most of one batch.</param>
    /// <param name="chunk">The most for prompts while others generate.</param>
    /// <returns>In the order of <paramref name="running"/>; each with at least one token.</returns>
    public static IReadOnlyList<(RunningSequence Sequence, int Tokens)> Plan(IReadOnlyList<RunningSequence> running, int tokens, int chunk)
    {
        var shares = new int[running.Count];
        var left = tokens;
        List<int> prompts = [];
        for (var i = 0; i < shares.Length; i++)
        {
            if (running[i].WaitsForLeader) continue;
            if (running[i].Generates) left -= shares[i] = Math.Min(left, running[i].Pending);
            else prompts.Add(i);
        }

        if (left < tokens) left = Math.Min(left, chunk);
        if (prompts.Count > 0)
        {
            Give(prompts[0], prompts.Count == 1 ? left : (left + 1) / 2);
            foreach (var i in prompts.OrderBy(i => running[i].Pending)) Give(i, left);
        }

        List<(RunningSequence, int)> plan = new(shares.Length);
        for (var i = 0; i < shares.Length; i++)
            if (shares[i] > 0) plan.Add((running[i], shares[i]));
        return plan;

        void Give(int i, int most)
        {
            var share = Math.Min(Math.Min(most, left), running[i].Pending - shares[i]);
            shares[i] += share;
            left -= share;
        }
    }
}
