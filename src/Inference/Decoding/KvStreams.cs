namespace AgentMesh.Inference.Decoding;

/// <summary>
/// Sequences that have cells of their own each. What one has computed another gets as a copy, or by taking its place. Sequences at work are kept next to each
/// other, for the decoder computes neighbours together; those of a crowd at one end, for they often stand still, and everyone else at the other.
/// </summary>
internal sealed class KvStreams : IKvStore
{
    /// <summary>Fewer tokens are computed as fast as copied.</summary>
    private const int WorthCopying = 16;

    private readonly IDecoder _decoder;
    private readonly bool _reuse;
    private readonly Stream[] _streams;
    private long _clock;
    private int _own;

    public KvStreams(IDecoder decoder, bool reuse)
    {
        (_decoder, _reuse) = (decoder, reuse);
        _streams = [.. Enumerable.Range(0, decoder.Sequences).Select(id => new Stream(id))];
    }

    public int Cells => _decoder.Cells;

    public int Used => Cached + _own;

    public int Cached => _streams.Sum(s => s.Tokens.Count);

    public long Evictions { get; private set; }

    public int Room => int.MaxValue;

    public bool Open(KvSlot slot, ReadOnlySpan<int> tokens)
    {
        var (source, known) = Match(tokens[..^1], null);
        if (Target(slot, source, known) is not { } target) return false;
        (target.Slot, target.Used) = (slot, ++_clock);
        (slot.Sequence, slot.Computed) = (target.Id, 0);
        if (target == source) Cut(target, known);
        else
        {
            if (target.Tokens.Count > 0) Evictions++;
            Cut(target, 0);
            if (source is null) return true;
            Copy(source, target, known);
        }

        slot.Computed = known;
        return true;
    }

    public void Extend(KvSlot slot, ReadOnlySpan<int> tokens)
    {
        var stream = _streams[slot.Sequence];
        if (Match(tokens, stream) is not ({ } source, var known) || known < slot.Computed + WorthCopying) return;
        _own -= slot.Computed - stream.Tokens.Count;
        Copy(source, stream, known);
        slot.Computed = known;
    }

    public bool MakeRoom(int cells) => true;

    public void Advance(KvSlot slot, int tokens)
    {
        slot.Computed += tokens;
        _own += tokens;
    }

    public void Share(KvSlot slot, ReadOnlySpan<int> tokens)
    {
        if (!_reuse) return;
        var held = _streams[slot.Sequence].Tokens;
        _own -= tokens.Length - held.Count;
        held.AddRange(tokens[held.Count..]);
    }

    // Where more than half would be kept, all others are let go: what is still of use is kept again when it is used.
    public void Pin(ReadOnlySpan<int> tokens)
    {
        if (!_reuse || _streams.Length < 2) return;
        Stream? keeper = null;
        foreach (var stream in _streams)
        {
            if (stream.Common(tokens) < tokens.Length) continue;
            if (stream.Pinned >= tokens.Length) return;
            if (keeper is null || stream.Used >= keeper.Used) keeper = stream;
        }

        if (keeper is null) return;
        if (_streams.Count(s => s != keeper && s.Pinned > 0) >= _streams.Length / 2) Unpin();
        keeper.Pinned = tokens.Length;
    }

    public bool Unpin()
    {
        var pinned = Array.Exists(_streams, s => s.Pinned > 0);
        foreach (var stream in _streams) stream.Pinned = 0;
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
        var stream = _streams[slot.Sequence];
        (stream.Slot, stream.Used) = (null, ++_clock);
        slot.Sequence = -1;
    }

    public void Discard(KvSlot slot)
    {
        var stream = _streams[slot.Sequence];
        _own -= slot.Computed - stream.Tokens.Count;
        Cut(stream, 0);
        (stream.Slot, stream.Pinned) = (null, 0);
        slot.Sequence = -1;
    }

    /// <summary>Whoever knows the most of these tokens; null where that is not worth a copy.</summary>
    private (Stream? Source, int Known) Match(ReadOnlySpan<int> tokens, Stream? other)
    {
        if (!_reuse) return (null, 0);
        Stream? source = null;
        var known = WorthCopying - 1;
        foreach (var stream in _streams)
        {
            if (stream == other || stream.Common(tokens) is var common && common <= known) continue;
            (source, known) = (stream, common);
        }

        if (source is null) return (null, 0);
        source.Used = ++_clock;
        return (source, known);
    }

    /// <summary>Where a new sequence goes.</summary>
    private Stream? Target(KvSlot slot, Stream? source, int known)
    {
        // A conversation goes on where it was, if that loses little that others may want.
        if (source is { AtWork: false } && known >= source.Pinned && known >= source.Tokens.Count * 3 / 4) return source;
        var crowded = slot.Crowd || Array.Exists(_streams, s => s.Slot is { Crowd: true });
        Stream? best = null;
        foreach (var stream in _streams)
            if (!stream.AtWork && (best is null || Rank(stream).CompareTo(Rank(best)) < 0)) best = stream;
        return best;

        // What would be lost: pins never if there is a choice; then who stands between others at work, then beside them; then what was of use longest ago.
        (bool, int, bool, long) Rank(Stream s) => (s.Pinned > 0, Place(s.Id), s == source, s.Tokens.Count == 0 ? 0 : s.Used);

        int Place(int id) => !crowded ? -Neighbours(id) : slot.Crowd ? -id : id;
    }

    private int Neighbours(int id) =>
        (id > 0 && _streams[id - 1].AtWork ? 1 : 0) + (id + 1 < _streams.Length && _streams[id + 1].AtWork ? 1 : 0);

    private void Copy(Stream source, Stream target, int known)
    {
        _decoder.Copy(source.Id, target.Id, 0, known);
        target.Tokens.Clear();
        target.Tokens.AddRange(source.Tokens[..known]);
    }

    private void Cut(Stream stream, int length)
    {
        _decoder.Remove(stream.Id, length, int.MaxValue);
        if (length < stream.Tokens.Count) stream.Tokens.RemoveRange(length, stream.Tokens.Count - length);
        stream.Pinned = Math.Min(stream.Pinned, length);
    }

    private sealed class Stream(int id)
    {
        public int Id => id;

        /// <summary>That others may use.</summary>
        public List<int> Tokens { get; } = [];

        /// <summary>Null: not at work.</summary>
        public KvSlot? Slot { get; set; }

        public bool AtWork => Slot is not null;

        /// <summary>When it was of use last, on the store's own count.</summary>
        public long Used { get; set; }

        /// <summary>Tokens from its start on that are to be kept.</summary>
        public int Pinned { get; set; }

        public int Common(ReadOnlySpan<int> tokens) => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(Tokens).CommonPrefixLength(tokens);
    }
}
