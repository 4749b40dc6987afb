namespace AgentMesh.Inference.Decoding;

/// <summary>
/// Continuous batching, one step at a time: requests join and leave between any two tokens. Owned by one thread, but for <see cref="Stats"/>.
/// </summary>
internal sealed class DecodeEngine(IDecoder decoder, DecodeQueue queue, Func<int, bool> isEnd, DecodeOptions options, TimeProvider time, IDecodeObserver? observer)
{
    /// <summary>A beginning that someone else is computing is waited for if it saves at least so many tokens.</summary>
    private const int WorthWaiting = 32;

    /// <summary>The most tokens of prompts in a step of several tenants on a processor, while others generate.</summary>
    private const int SharedChunk = 64;

    private readonly IKvStore _pool = decoder.Separate ? new KvStreams(decoder, options.Reuse) : new KvPool(decoder, options.Reuse);
    private readonly List<RunningSequence> _running = [];
    private readonly BatchToken[] _batch = new BatchToken[decoder.BatchTokens];
    private readonly int _most = Math.Min(options.Running, decoder.Separate ? Math.Min(decoder.Sequences, decoder.BatchTokens) : decoder.Sequences);
    private readonly TenantTurns? _turns = decoder.Linear ? new TenantTurns(options.Weight, decoder.Separate) : null;
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
        var turn = _turns?.Next(_running, queue.IsShared) ?? _running;
        if (!decoder.Linear && !decoder.Separate) Compute(Fit(turn, BatchTurn.Everyone));
        else
        {
            Compute(decoder.Separate ? BatchPlanner.Row(turn) : Fit(turn, BatchTurn.Generations));
            Compute(Fit(turn, decoder.Separate ? BatchTurn.AfterRow : BatchTurn.Prompts));
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
        sequence.Crowd = _turns?.IsCrowd(waiting.Tenant) is true;
        while (!_pool.Open(sequence, sequence.Tokens))
            if (_running.Count > 0 || !_pool.Unpin()) return false;
        sequence.Leader = Leader(sequence);
        var fits = _running.Count == 0 || _pool.Room == int.MaxValue || _pool.Room >= _running.Sum(Wanted) + Wanted(sequence);
        if (!fits || !queue.Take(waiting, _most))
        {
            _pool.Close(sequence, sequence.Tokens[..sequence.Computed]);
            return false;
        }

        // From here on nothing else knows of it: whatever happens, it ends with the batch.
        _running.Add(sequence);
        if (waiting.Before is not null) return true;
        sequence.Waited = time.GetElapsedTime(waiting.Arrived);
        _tally.PromptTokens += sequence.PromptLength;
        Reuse(sequence, 0);
        // What can only come first is computed with the prompt.
        Choose(sequence, null);
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

    /// <summary>Of the prompt only: what the cache has of an answer is this request's own, or forced.</summary>
    /// <param name="from">What it had before.</param>
    private void Reuse(RunningSequence sequence, int from)
    {
        var tokens = Math.Min(sequence.Computed, sequence.PromptLength) - from;
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
        // What one that was put back finds again it has computed itself, or is counted already.
        if (sequence.Request.Before is null) Reuse(sequence, before);
        sequence.Leader = Leader(sequence);
    }

    private IReadOnlyList<(RunningSequence Sequence, int Tokens)> Fit(IReadOnlyList<RunningSequence> running, BatchTurn turn)
    {
        while (true)
        {
            // Some may have left meanwhile.
            var plan = BatchPlanner.Plan([.. running.Where(s => s.Sequence >= 0)], decoder.BatchTokens, Chunk(), turn);
            if (_pool.MakeRoom(plan.Sum(p => p.Tokens))) return plan;
            if (_running.Count > 1) PutBack(Youngest());
            else if (!_pool.Unpin()) throw new InvalidOperationException("One request alone has no room in the pool.");
        }
    }

    /// <summary>Where tokens cost time, whoever comes waits for the step that is under way: it is kept short once several tenants are about.</summary>
    private int Chunk() => _turns is not null && queue.IsShared ? Math.Min(options.PromptChunk, SharedChunk) : options.PromptChunk;

    /// <summary>Of the tenant with the most requests in the batch the youngest; never the oldest of all, so that one always ends.</summary>
    private RunningSequence Youngest()
    {
        var requests = _running.CountBy(s => s.Generation.Request.Tenant, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        return _running.Skip(1).Reverse().MaxBy(s => requests[s.Generation.Request.Tenant])!;
    }

    /// <summary>Gives up a request's place for others; it goes on later from what is left of its work.</summary>
    private void PutBack(RunningSequence sequence)
    {
        _pool.Close(sequence, sequence.Tokens[..sequence.Computed]);
        sequence.PutBack();
        sequence.Request.Before = sequence;
        if (!queue.PutBack(sequence.Request))
        {
            Leave(sequence, GenerationEnd.Cancelled, null);
            return;
        }

        _running.Remove(sequence);
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
        Choose(sequence, row);
    }

    /// <summary>The request's next token and what can only follow it, and its end where nothing more can or may come.</summary>
    /// <param name="row">Of its logits; null before there are any: only what can only come first.</param>
    private void Choose(RunningSequence sequence, int? row)
    {
        var chooser = sequence.Generation.Request.Chooser;
        try
        {
            if (row is { } logits)
            {
                var token = chooser.Choose(decoder.Logits(logits));
                if (isEnd(token))
                {
                    End(sequence, GenerationEnd.Stop);
                    return;
                }

                Take(sequence, token);
            }

            if (!Force(sequence, chooser.Forced())) End(sequence, GenerationEnd.Length);
            else if (chooser.Complete) End(sequence, GenerationEnd.Stop);
            else if (sequence.Left <= 0) End(sequence, GenerationEnd.Length);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // One request's chooser must not end the others.
            Fail(sequence, $"The next token could not be chosen ({e.GetType().Name}: {e.Message})");
        }
    }

    /// <returns>False where the request may not have all of them: its answer is not whole, whatever its chooser holds it for.</returns>
    private bool Force(RunningSequence sequence, ReadOnlySpan<int> tokens)
    {
        foreach (var forced in tokens)
        {
            if (sequence.Left <= 0) return false;
            Take(sequence, forced);
            sequence.Forced++;
            _tally.ForcedTokens++;
        }

        return true;
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
