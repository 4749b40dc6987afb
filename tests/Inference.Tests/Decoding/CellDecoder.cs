using AgentMesh.Inference.Decoding;

namespace AgentMesh.Inference.Tests.Decoding;

/// <summary>
/// A decoder whose model is a hash of all tokens before: it reads them back from its own cells, so whatever is shared, moved or forgotten wrongly gives
/// other tokens. Holds its callers to the port's rules.
/// </summary>
internal sealed class CellDecoder(int cells, int sequences = 16, int batch = 64, int vocabulary = 97, bool separate = false, bool linear = false) : IDecoder
{
    public const int End = 0;

    private readonly List<Cell> _cells = [];
    private readonly List<float[]?> _rows = [];

    public int Cells => cells;
    public int SequenceCells => separate ? cells / sequences : cells;
    public bool Separate => separate;
    public bool Linear => linear;
    public int Sequences => sequences;
    public int BatchTokens => batch;
    public int Vocabulary => vocabulary;

    public int Used => _cells.Count;
    public int Batches { get; private set; }
    public int Computed { get; private set; }
    public bool Disposed { get; private set; }

    /// <summary>The sizes of all batches so far, by sequence.</summary>
    public List<Dictionary<int, int>> Plans { get; } = [];

    public Func<int, bool>? FailAt { get; set; }

    /// <summary>Called before anything is forgotten.</summary>
    public Action? Removing { get; set; }

    public void Decode(ReadOnlySpan<BatchToken> tokens)
    {
        Assert.InRange(tokens.Length, 1, batch);
        if (_cells.Count + tokens.Length > cells) throw new NoCellsException();
        if (FailAt?.Invoke(Batches++) == true) throw new DecoderException("a broken kernel");
        _rows.Clear();
        Dictionary<int, int> plan = [];
        foreach (var token in tokens)
        {
            Assert.InRange(token.Sequence, 0, sequences - 1);
            var before = Tokens(token.Sequence);
            Assert.Equal(before.Length, token.Position);
            Assert.InRange(before.Length, 0, SequenceCells - 1);
            _cells.Add(new Cell(token.Token, token.Position, [token.Sequence]));
            _rows.Add(token.Output ? Row([.. before, token.Token]) : null);
            plan[token.Sequence] = plan.GetValueOrDefault(token.Sequence) + 1;
            Computed++;
        }

        Plans.Add(plan);
    }

    public ReadOnlySpan<float> Logits(int index) => _rows[index] ?? throw new InvalidOperationException("These logits were not asked for.");

    public void Copy(int from, int to, int start, int end)
    {
        Assert.NotEqual(from, to);
        if (separate)
        {
            Assert.Equal(0, start);
            Remove(to, 0, int.MaxValue);
            _cells.AddRange(_cells.Where(c => c.Owners.Contains(from) && c.Position < end).ToList().Select(c => new Cell(c.Token, c.Position, [to])));
            Assert.Equal(end, Tokens(to).Length);
            return;
        }

        foreach (var cell in _cells)
            if (cell.Position >= start && cell.Position < end && cell.Owners.Contains(from)) Assert.True(cell.Owners.Add(to), "a position was there already");
        Tokens(to);
    }

    public void Remove(int sequence, int start, int end)
    {
        Removing?.Invoke();
        foreach (var cell in _cells)
            if (cell.Position >= start && cell.Position < end) cell.Owners.Remove(sequence);
        _cells.RemoveAll(c => c.Owners.Count == 0);
    }

    public void Dispose() => Disposed = true;

    /// <summary>What the model makes of a prompt with nobody else there.</summary>
    public static List<int> Alone(IReadOnlyList<int> prompt, int most, int vocabulary = 97)
    {
        List<int> all = [.. prompt];
        while (all.Count < prompt.Count + most)
        {
            var next = Next([.. all], vocabulary);
            if (next == End) break;
            all.Add(next);
        }

        return all[prompt.Count..];
    }

    /// <summary>A sequence's tokens, which have one cell each.</summary>
    private int[] Tokens(int sequence)
    {
        var own = _cells.Where(c => c.Owners.Contains(sequence)).OrderBy(c => c.Position).ToArray();
        for (var i = 0; i < own.Length; i++) Assert.Equal(i, own[i].Position);
        return [.. own.Select(c => c.Token)];
    }

    private float[] Row(int[] tokens)
    {
        var row = new float[vocabulary];
        row[Next(tokens, vocabulary)] = 1;
        return row;
    }

    private static int Next(int[] tokens, int vocabulary)
    {
        var hash = 2166136261u;
        foreach (var token in tokens) hash = (hash ^ (uint)token) * 16777619u;
        return (int)(hash % (uint)vocabulary);
    }

    private sealed record Cell(int Token, int Position, HashSet<int> Owners);
}

internal sealed class Greedy : ITokenChooser
{
    public bool Complete => false;

    public int Choose(ReadOnlySpan<float> logits) => IndexOfMax(logits);

    public ReadOnlySpan<int> Forced() => [];

    private static int IndexOfMax(ReadOnlySpan<float> row)
    {
        var best = 0;
        for (var i = 1; i < row.Length; i++)
            if (row[i] > row[best]) best = i;
        return best;
    }
}
