namespace AgentMesh.Inference.Decoding;

/// <summary>
/// Who gets how many tokens of a batch. Who generates gets all of its pending tokens first, one or what its grammar forced; prompts share what is left.
/// Of that the oldest gets half, so that every prompt ends, and the one with the least to do the other half, so that short ones need not wait for long ones.
/// </summary>
internal static class BatchPlanner
{
    /// <summary>
    /// The next token of everyone who generates, where each has cells of its own: neighbours are computed together, so that prompts between them give one token too.
    /// </summary>
    /// <returns>In the order of their sequences; empty where nobody generates.</returns>
    public static IReadOnlyList<(RunningSequence Sequence, int Tokens)> Row(IReadOnlyList<RunningSequence> running)
    {
        var (first, last) = (int.MaxValue, -1);
        foreach (var sequence in running)
            if (sequence.Generates) (first, last) = (Math.Min(first, sequence.Sequence), Math.Max(last, sequence.Sequence));
        return [.. running.Where(s => s.Generates || (s.Sequence > first && s.Sequence < last && !s.WaitsForLeader)).OrderBy(s => s.Sequence).Select(s => (s, 1))];
    }

    /// <param name="running">In order of arrival in the batch.</param>
    /// <param name="tokens">The most of one batch.</param>
    /// <param name="chunk">The most for prompts while others generate.</param>
    /// <param name="turn">Whose turn it is.</param>
    /// <returns>In the order of <paramref name="running"/>; each with at least one token.</returns>
    public static IReadOnlyList<(RunningSequence Sequence, int Tokens)> Plan(IReadOnlyList<RunningSequence> running, int tokens, int chunk, BatchTurn turn = BatchTurn.Everyone)
    {
        var shares = new int[running.Count];
        var left = tokens;
        var generating = false;
        List<int> prompts = [];
        for (var i = 0; i < shares.Length; i++)
        {
            if (running[i].WaitsForLeader) continue;
            if (!running[i].Generates) prompts.Add(i);
            else
            {
                generating = true;
                if (turn is not BatchTurn.Prompts && (turn is not BatchTurn.AfterRow || running[i].Pending > 1)) left -= shares[i] = Math.Min(left, running[i].Pending);
            }
        }

        if (generating) left = Math.Min(left, chunk);
        if (prompts.Count > 0 && turn != BatchTurn.Generations)
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
            var share = Math.Min(Math.Min(most, left), Math.Min(running[i].Pending, running[i].Chunk) - shares[i]);
            shares[i] += share;
            left -= share;
        }
    }
}

/// <summary>Whose tokens a batch is made of.</summary>
internal enum BatchTurn
{
    Everyone,
    Generations,
    Prompts,

    /// <summary>Prompts, and who generates and has more than its next token: what its grammar forced.</summary>
    AfterRow,
}
