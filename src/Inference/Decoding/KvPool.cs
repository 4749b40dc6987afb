namespace AgentMesh.Inference.Decoding;

/// <summary>
/// Who has which cells of the decoder's pool: sequences at work, the beginnings that they share, and what is kept of those that ended. Counts exactly what
/// the decoder holds, so that a batch is never sent that finds no room. Not thread-safe.
/// </summary>
internal sealed class KvPool : IKvStore
{
    private readonly IDecoder _decoder;
    private readonly bool _reuse;
    private readonly PrefixTree _tree = new();
    private readonly Stack<int> _free = new();
    private int _own;

    /// <param name="reuse">Whether beginnings are shared and kept; not every kind of model can.</param>
    public KvPool(IDecoder decoder, bool reuse)
    {
        (_decoder, _reuse) = (decoder, reuse);
        for (var sequence = decoder.Sequences - 1; sequence >= 0; sequence--) _free.Push(sequence);
    }

    public int Cells => _decoder.Cells;

    public int Used => _tree.Tokens + _own;

    public int Cached => _tree.Tokens;

    public long Evictions { get; private set; }

    public int Room => Cells - Used + _tree.Evictable;

    public bool Open(KvSlot slot, ReadOnlySpan<int> tokens)
    {
        int sequence;
        while (!_free.TryPop(out sequence))
            if (!EvictOne()) return false;
        slot.Sequence = sequence;
        slot.Computed = 0;
        if (!_reuse) return true;
        Extend(slot, tokens[..^1]);
        return true;
    }

    public void Extend(KvSlot slot, ReadOnlySpan<int> tokens)
    {
        if (!_reuse) return;
        var (known, source) = _tree.Match(tokens);
        if (known > slot.Computed)
        {
            Share(slot, tokens[..slot.Computed]);
            _decoder.Copy(source, slot.Sequence, slot.Computed, known);
            slot.Computed = known;
            Remove(_tree.Hold(slot.Sequence, tokens[..known]));
        }
        else if (slot.Computed == 0)
        {
            Remove(_tree.Hold(slot.Sequence, []));
        }
    }

    public bool MakeRoom(int cells)
    {
        if (Cells - Used >= cells) return true;
        if (Room < cells) return false;
        while (Cells - Used < cells)
            if (!EvictOne()) return false;
        return true;
    }

    public void Advance(KvSlot slot, int tokens)
    {
        slot.Computed += tokens;
        _own += tokens;
    }

    public void Share(KvSlot slot, ReadOnlySpan<int> tokens)
    {
        if (!_reuse) return;
        var held = _tree.Held(slot.Sequence);
        if (tokens.Length <= held) return;
        var (known, source) = _tree.Match(tokens);
        if (known > held && source != slot.Sequence)
        {
            // Someone else has computed these, too: one copy is enough.
            _decoder.Remove(slot.Sequence, held, known);
            _decoder.Copy(source, slot.Sequence, held, known);
        }

        Remove(_tree.Hold(slot.Sequence, tokens));
        _own -= tokens.Length - held;
    }

    // Where more than half would be kept, all others are let go: what is still of use is kept again when it is used.
    public void Pin(ReadOnlySpan<int> tokens)
    {
        if (!_reuse || tokens.Length > Cells / 2) return;
        if (_tree.Pinned + tokens.Length > Cells / 2) _tree.Unpin();
        _tree.Pin(tokens);
    }

    public bool Unpin()
    {
        var pinned = _tree.Pinned > 0;
        _tree.Unpin();
        return pinned;
    }

    public void Close(KvSlot slot, ReadOnlySpan<int> tokens)
    {
        if (!_reuse)
        {
            Discard(slot);
            return;
        }

        Share(slot, tokens);
        if (!_tree.Rest(slot.Sequence)) Remove([slot.Sequence]);
        slot.Sequence = -1;
    }

    public void Discard(KvSlot slot)
    {
        _own -= slot.Computed - _tree.Held(slot.Sequence);
        _tree.Forget(slot.Sequence);
        Remove([slot.Sequence]);
        slot.Sequence = -1;
    }

    private bool EvictOne()
    {
        if (_tree.Evict() is not var (sequence, from, gone)) return false;
        Evictions++;
        if (gone) Remove([sequence]);
        else _decoder.Remove(sequence, from, int.MaxValue);
        return true;
    }

    private void Remove(IReadOnlyList<int> sequences)
    {
        foreach (var sequence in sequences)
        {
            _decoder.Remove(sequence, 0, int.MaxValue);
            _free.Push(sequence);
        }
    }
}
