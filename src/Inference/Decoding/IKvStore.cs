namespace AgentMesh.Inference.Decoding;

/// <summary>Who has which cells of a decoder: sequences at work, and what is kept of those that ended. Not thread-safe.</summary>
internal interface IKvStore
{
    int Cells { get; }

    /// <summary>Cells in use, those of the cache included.</summary>
    int Used { get; }

    /// <summary>Cells that hold the beginnings of sequences.</summary>
    int Cached { get; }

    long Evictions { get; }

    /// <summary>Cells that can be had, by evicting if need be; <see cref="int.MaxValue"/> where each sequence has its own anyway.</summary>
    int Room { get; }

    /// <summary>Gives the slot a sequence that has what the cache has of its tokens, less the last one, whose logits are asked for.</summary>
    /// <returns>False where all sequences are at work.</returns>
    bool Open(KvSlot slot, ReadOnlySpan<int> tokens);

    /// <summary>Takes over what the cache has got since of a sequence's tokens, beyond what it has computed itself.</summary>
    void Extend(KvSlot slot, ReadOnlySpan<int> tokens);

    /// <summary>Makes sure of free cells, evicting what was of use longest ago.</summary>
    /// <returns>False where all that could go would not be enough; nothing is evicted then.</returns>
    bool MakeRoom(int cells);

    /// <summary>The decoder computed more of the slot's tokens.</summary>
    void Advance(KvSlot slot, int tokens);

    /// <summary>Lets others use what the slot has computed: all of <paramref name="tokens"/>.</summary>
    void Share(KvSlot slot, ReadOnlySpan<int> tokens);

    /// <summary>Keeps these tokens, which a slot has shared, whatever else goes; not more than half of the cells are kept like that.</summary>
    void Pin(ReadOnlySpan<int> tokens);

    /// <summary>Everything may go again.</summary>
    /// <returns>Whether anything had been pinned.</returns>
    bool Unpin();

    /// <summary>Takes the sequence back; what it computed stays in the cache for as long as there is room.</summary>
    /// <param name="tokens">All that it computed.</param>
    void Close(KvSlot slot, ReadOnlySpan<int> tokens);

    /// <summary>Takes the sequence back and keeps nothing of it.</summary>
    void Discard(KvSlot slot);
}

/// <summary>A request's sequence in the store.</summary>
internal class KvSlot
{
    /// <summary>-1: none.</summary>
    public int Sequence { get; set; } = -1;

    /// <summary>Its tokens that the store holds, from their start on.</summary>
    public int Computed { get; set; }

    /// <summary>Whether it is of the tenant with the most requests, whose sequences stand still while others go on.</summary>
    public bool Crowd { get; set; }
}
