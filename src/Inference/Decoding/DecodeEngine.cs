namespace AgentMesh.Inference.Decoding;

/// <summary>
/// Continuous batching, one step at a time: requests join and leave between any two tokens. Owned by one thread, but for <see cref="Stats"/>.
/// </summary>
internal sealed class DecodeEngine(IDecoder decoder, DecodeQueue queue, Func<int, bool> isEnd, DecodeOptions options, TimeProvider time, IDecodeObserver? observer)
{
    /// <summary>A beginning that someone else is computing is waited for if it saves at least so many tokens.</summary>
    private const int WorthWaiting = 32;

    private readonly IKvStore _pool = decoder.Separate ? new KvStreams(decoder, options.Reuse) : new KvPool(decoder, options.Reuse);
    private readonly List<RunningSequence> _running = [];
    private readonly BatchToken[] _batch = new BatchToken[decoder.BatchTokens];
    private readonly int _most = Math.Min(options.Running, decoder.Separate ? Math.Min(decoder.Sequences, decoder.BatchTokens) : decoder.Sequences);
    private readonly TenantTurns? _turns = decoder.Linear ? new TenantTurns(options.Weight) : null;
    private readonly DecodeTally _tally = new();
    private volatile DecodeStats _stats = new(0, 0, decoder.Cells, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    public DecodeStats Stats => _stats with { Queued = queue.Count };

    /// <summary>Takes in who waits, computes one batch, or two where that is faster, and gives each of its requests its next token.</summary>
    /// <returns>False when there is nothing to do.</returns>
    public bool Step()
    {
        // 1. Who gave up leaves, and who waits joins, as far as there is room.
        for (var i = _running.Count - 1; i >= 0; i--)
            if (_running[i].Generation.IsCancelled) End(_running[i], GenerationEnd.Cancelled);
        while (queue.Peek(_most) is { } next && (_running.Count < _most || MakePlace(next)) && Admit(next)) { }
        if (_running.Count == 0) return Publish(false);

        // 2. Who waited for another's beginning goes on from it.
        foreach (var sequence in _running)
            if (sequence.Leader is not null && !sequence.WaitsForLeader) Follow(sequence);

        // 3. Everyone gets a token, or a part of the prompt done.
        var turn = _turns?.Next(_running) ?? _running;
        if (!decoder.Linear && !decoder.Separate) Compute(Fit(turn, BatchTurn.Everyone));
        else
        {
            Compute(decoder.Separate ? BatchPlanner.Row(turn) : Fit(turn, BatchTurn.Generations));
            Compute(Fit(turn, BatchTurn.Prompts));
        }

        return Publish(true);
    }

    /// <summary>Ends all that is in the batch.</summary>
    public void Stop(string reason)
    {
        while (_running.Count > 0) Leave(_running[^1], GenerationEnd.Failed, reason);
        Publish(false);
    }

    private void Compute(IReadOnlyList<(RunningSequence Sequence, int Tokens)> plan)
    {
        if (plan.Count == 0) return;
        var tokens = Fill(plan);
        var started = time.GetTimestamp();
        try
        {
            decoder.Decode(_batch.AsSpan(0, tokens));
        }
        catch (DecoderException e)
        {
            foreach (var (sequence, _) in plan) Fail(sequence, e.Message);
            return;
        }

        _tally.Steps++;
        observer?.Stepped(plan.Sum(p => p.Sequence.Generates ? 0 : p.Tokens), plan.Count(p => p.Sequence.Generates), time.GetElapsedTime(started));

        // Whoever is at the end of its tokens gets the next one.
        var last = -1;
        foreach (var (sequence, count) in plan)
        {
            last += count;
            _pool.Advance(sequence, count);
            _turns?.Computed(sequence, count);
            if (sequence.Generates) Continue(sequence, last);
            else Prefilled(sequence, last);
        }
    }

    private bool Admit(WaitingRequest waiting)
    {
        var sequence = waiting.Before ?? new RunningSequence(waiting);
        while (!_pool.Open(sequence, sequence.Tokens))
            if (_running.Count > 0 || !_pool.Unpin()) return false;
        sequence.Leader = Leader(sequence);
        var fits = _running.Count == 0 || _pool.Room == int.MaxValue || _pool.Room >= _running.Sum(Wanted) + Wanted(sequence);
        if (!fits || !queue.Take(waiting, _most))
        {
            _pool.Close(sequence, sequence.Tokens[..sequence.Computed]);
            return false;
        }

        if (waiting.Before is null)
        {
            sequence.Waited = time.GetElapsedTime(waiting.Arrived);
            _tally.PromptTokens += sequence.PromptLength;
            Reuse(sequence, sequence.Computed);
            // What can only come first is computed with the prompt.
            Force(sequence);
        }

        _running.Add(sequence);
        return true;
    }

    /// <summary>Puts the youngest request of a tenant back that has more than its most beside others, for one of theirs.</summary>
    private bool MakePlace(WaitingRequest waiting)
    {
        if (_running.FindLast(s => s.Generation.Request.Tenant != waiting.Tenant && queue.IsCrowding(s.Request, _most)) is not { } youngest) return false;
        PutBack(youngest);
        return true;
    }

    /// <summary>Cells that a request in the batch will take, as far as one cares to know.</summary>
    private int Wanted(RunningSequence sequence) =>
        sequence.Count - Math.Max(sequence.Computed, sequence.Leader?.Length ?? 0) + Math.Min(sequence.Left, options.AnswerRoom);

    private void Reuse(RunningSequence sequence, int tokens)
    {
        sequence.Reused += tokens;
        _tally.ReusedTokens += tokens;
    }

    /// <summary>Who computes the longest beginning of this one's prompt just now.</summary>
    private (RunningSequence Sequence, int Length)? Leader(RunningSequence sequence)
    {
        if (!options.Reuse) return null;
        (RunningSequence, int)? leader = null;
        var longest = sequence.Computed + WorthWaiting - 1;
        foreach (var other in _running)
        {
            if (other == sequence) break;
            if (other.Generates || other.Leader is not null) continue;
            var common = other.Tokens.CommonPrefixLength(sequence.Tokens[..^1]);
            if (common <= longest || other.Computed >= common) continue;
            (longest, leader) = (common, (other, common));
        }

        return leader;
    }

    private void Follow(RunningSequence sequence)
    {
        var before = sequence.Computed;
        _pool.Extend(sequence, sequence.Tokens[..^1]);
        Reuse(sequence, sequence.Computed - before);
        sequence.Leader = Leader(sequence);
    }

    private IReadOnlyList<(RunningSequence Sequence, int Tokens)> Fit(IReadOnlyList<RunningSequence> running, BatchTurn turn)
    {
        while (true)
        {
            // Some may have left meanwhile.
            var plan = BatchPlanner.Plan([.. running.Where(s => s.Sequence >= 0)], decoder.BatchTokens, options.PromptChunk, turn);
            if (_pool.MakeRoom(plan.Sum(p => p.Tokens))) return plan;
            if (_running.Count > 1) PutBack(_running[^1]);
            else if (!_pool.Unpin()) throw new InvalidOperationException("One request alone has no room in the pool.");
        }
    }

    /// <summary>Gives up a request's place for those who were there before; it goes on later from what is left of its work.</summary>
    private void PutBack(RunningSequence sequence)
    {
        _running.Remove(sequence);
        _pool.Close(sequence, sequence.Tokens[..sequence.Computed]);
        sequence.PutBack();
        sequence.Request.Before = sequence;
        queue.PutBack(sequence.Request, sequence.Count);
        _tally.PutBack++;
    }

    private int Fill(IReadOnlyList<(RunningSequence Sequence, int Tokens)> plan)
    {
        var at = 0;
        foreach (var (sequence, count) in plan)
            for (var i = 0; i < count; i++)
            {
                var position = sequence.Computed + i;
                _batch[at++] = new BatchToken(sequence.Tokens[position], position, sequence.Sequence, position == sequence.Count - 1);
            }

        return at;
    }

    private void Prefilled(RunningSequence sequence, int row)
    {
        _pool.Share(sequence, sequence.Tokens[..sequence.Computed]);
        if (sequence.Pending > 0) return;
        var pinned = Math.Min(sequence.Generation.Request.Pinned, Math.Min(sequence.Reused, sequence.PromptLength));
        if (pinned > 0) _pool.Pin(sequence.Tokens[..pinned]);
        sequence.Reached();
        Continue(sequence, row);
    }

    private void Continue(RunningSequence sequence, int row)
    {
        if (sequence.Pending > 0) return;
        sequence.Calls++;
        var chooser = sequence.Generation.Request.Chooser;
        try
        {
            var token = chooser.Choose(decoder.Logits(row));
            if (isEnd(token))
            {
                End(sequence, GenerationEnd.Stop);
                return;
            }

            Take(sequence, token);
            Force(sequence);
            if (chooser.Complete) End(sequence, GenerationEnd.Stop);
            else if (sequence.Left == 0) End(sequence, GenerationEnd.Length);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // One request's chooser must not end the others.
            Fail(sequence, $"The next token could not be chosen ({e.GetType().Name}: {e.Message})");
        }
    }

    private void Force(RunningSequence sequence)
    {
        foreach (var forced in sequence.Generation.Request.Chooser.Forced())
        {
            if (sequence.Left == 0) break;
            Take(sequence, forced);
            sequence.Forced++;
            _tally.ForcedTokens++;
        }
    }

    private void Take(RunningSequence sequence, int token)
    {
        sequence.Append(token);
        sequence.Generation.Take(token);
        _tally.GeneratedTokens++;
        var now = time.GetTimestamp();
        var first = sequence.FirstToken is null;
        sequence.FirstToken ??= time.GetElapsedTime(sequence.Request.Arrived, now);
        observer?.Token(sequence.Generation.Request, first, time.GetElapsedTime(first ? sequence.Request.Arrived : sequence.LastToken, now));
        sequence.LastToken = now;
    }

    private void End(RunningSequence sequence, GenerationEnd end)
    {
        _pool.Close(sequence, sequence.Tokens[..sequence.Computed]);
        Leave(sequence, end, null);
    }

    private void Fail(RunningSequence sequence, string reason)
    {
        _pool.Discard(sequence);
        Leave(sequence, GenerationEnd.Failed, reason);
    }

    private void Leave(RunningSequence sequence, GenerationEnd end, string? failure)
    {
        _running.Remove(sequence);
        queue.Ended(sequence.Request, sequence.Count);
        _tally.Count(end);
        var outcome = new GenerationOutcome(
            end, sequence.PromptLength, sequence.Reused, sequence.Generated, sequence.Forced, sequence.Calls,
            sequence.Waited, sequence.FirstToken, time.GetElapsedTime(sequence.Request.Arrived), failure);
        sequence.Generation.End(outcome);
        observer?.Ended(sequence.Generation.Request, outcome);
    }

    private bool Publish(bool worked)
    {
        _stats = _tally.Stats(_running.Count, _pool);
        return worked;
    }
}
