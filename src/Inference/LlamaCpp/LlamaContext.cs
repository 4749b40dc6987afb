using AgentMesh.Inference.Decoding;

namespace AgentMesh.Inference.LlamaCpp;

/// <summary>The size of a context.</summary>
/// <param name="Cells">KV cells of all sequences together; null: what the model was trained for, at most 8,192.</param>
/// <param name="Sequences">How many at most, up to 256.</param>
/// <param name="BatchTokens">The most tokens of one batch.</param>
/// <param name="Outputs">The most tokens of a batch whose logits are asked for; null: one for each sequence. Memory for as many rows is kept.</param>
/// <param name="Threads">For the CPU's part; null: one for each core.</param>
/// <param name="Precise">Keys and values of 32 bits instead of 16: twice the memory, for whoever compares answers token by token.</param>
/// <param name="Separate">
/// Whether each sequence gets an equal part of the cells for itself, instead of all sharing them as they need. Attention then looks at a sequence's own cells only:
/// many sequences at once are decoded faster, but none may be longer than its part, and a shared beginning is copied.
/// </param>
public sealed record LlamaContextOptions(
    int? Cells = null, int Sequences = 32, int BatchTokens = 512, int? Outputs = null, int? Threads = null, bool Precise = false, bool Separate = false);

/// <summary>
/// llama.cpp's decoder, with flash attention where the device has it. A call of <see cref="Decode"/> allocates nothing.
/// Not safe for use in parallel.
/// </summary>
public sealed unsafe class LlamaContext : IDecoder
{
    private const int Block = 256;

    /// <summary>Tokens that a processor computes at once: no more of them are any faster, and each takes its part of the buffers.</summary>
    private const uint ProcessorBatch = 256;

    private readonly LlamaModel _model;
    private readonly LlamaContextHandle _handle;
    private readonly nint _memory;
    private readonly BatchArrays _batch;
    private readonly int[] _ends;
    private readonly (int Start, int End)[] _gaps;
    private bool _disposed;

    /// <exception cref="LlamaException">The model cannot be used so, or there is no memory for it.</exception>
    public LlamaContext(LlamaModel model, LlamaContextOptions? options = null)
    {
        options ??= new();
        if (!model.HasDecoder || model.HasEncoder) throw NoDecoder(model);
        if (model.KeepsState || model.IsDiffusion)
            throw new LlamaException($"{model.Path} ({model.Description}) keeps a state instead of cells; parts of it cannot be shared or forgotten, and such models are not served.");
        var most = (int)NativeMethods.MostSequences();
        if (options.Sequences < 1 || options.Sequences > most) throw new LlamaException($"A context has 1 to {most} sequences, not {options.Sequences}.");
        var cells = options.Cells ?? Math.Min(model.ContextLength, 8192);
        if (cells < 1 || options.BatchTokens < 1) throw new LlamaException("A context has at least one cell and one token in a batch.");

        var parameters = NativeMethods.ContextDefaults();
        // The library gives sequences of their own whole blocks of cells.
        if (options.Separate) cells = Math.Max(cells / options.Sequences / Block, 1) * Block * options.Sequences;
        parameters.Cells = (uint)cells;
        Linear = model.Device.Name == "cpu";
        parameters.Batch = (uint)Math.Min(options.BatchTokens, cells);
        parameters.MicroBatch = Linear ? Math.Min(parameters.Batch, ProcessorBatch) : parameters.Batch;
        parameters.Sequences = (uint)options.Sequences;
        parameters.Outputs = (uint)Math.Clamp(options.Outputs ?? 0, options.Sequences, Math.Max(options.Sequences, options.BatchTokens));
        parameters.Threads = parameters.ThreadsBatch = options.Threads ?? ProcessorCores.Usable;
        parameters.KvUnified = options.Separate ? (byte)0 : (byte)1;
        if (options.Precise) parameters.TypeK = parameters.TypeV = 0;
        _model = model;
        _handle = Contexts.Create(model, parameters);
        _memory = NativeMethods.ContextMemory(_handle);
        if (_memory == 0)
        {
            _handle.Dispose();
            throw NoDecoder(model);
        }

        Cells = (int)NativeMethods.ContextCells(_handle);
        Sequences = options.Sequences;
        Separate = options.Separate;
        SequenceCells = Separate ? Cells / Sequences : Cells;
        BatchTokens = (int)NativeMethods.ContextBatch(_handle);
        Outputs = (int)parameters.Outputs;
        Vocabulary = NativeMethods.VocabularySize(NativeMethods.ModelVocabulary(model.Handle));
        _batch = new BatchArrays(BatchTokens);
        _ends = new int[Sequences];
        _gaps = new (int, int)[Sequences];
    }

    public int Cells { get; }
    public int SequenceCells { get; }
    public bool Separate { get; }

    /// <summary>As on a processor. There, too, attention of few tokens skips what they do not look at; of many, it computes all that any of them looks at.</summary>
    public bool Linear { get; }

    public int Sequences { get; }
    public int BatchTokens { get; }
    public int Vocabulary { get; }

    /// <summary>The most tokens of a batch that may ask for logits.</summary>
    public int Outputs { get; }

    public void Decode(ReadOnlySpan<BatchToken> batch)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Check(batch);
        _batch.Clear();
        foreach (var token in batch) _batch.Add(token.Token, token.Position, token.Sequence, token.Output);
        NativeLog.Forget();
        switch (NativeMethods.Decode(_handle, _batch.Native))
        {
            case 0: return;
            case 1: throw new NoCellsException();
            case 2: throw new DecoderException("The decoding was broken off.");
            case -1: throw new DecoderException($"llama.cpp refused the batch: {Reason()}.");
            case var code: throw new DecoderException($"llama.cpp failed to decode (code {code}): {Reason()}.");
        }
    }

    public ReadOnlySpan<float> Logits(int index)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (index < 0 || index >= _batch.Count || !_batch.HasOutput(index)) throw new ArgumentOutOfRangeException(nameof(index), index, "The last batch has no token there that asked for its logits.");
        return new(NativeMethods.Logits(_handle, index), Vocabulary);
    }

    public void Copy(int from, int to, int start, int end)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        CheckSequence(from);
        CheckSequence(to);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        if (from == to || end <= start) return;
        if (Separate)
        {
            if (start != 0) throw new DecoderException("Sequences with cells of their own are copied from their start on.");
            NativeMethods.MemoryCopy(_memory, from, to, -1, -1);
            _gaps[to] = default;
            if (!NativeMethods.MemoryRemove(_memory, to, end, -1)) throw new DecoderException($"The model cannot forget a part of sequence {to}.");
            return;
        }

        ref var gap = ref _gaps[to];
        var fills = start == gap.Start && end <= gap.End;
        // Two cells for one position of a sequence would be attended to twice, and nothing would say so.
        if (!fills && End(to) > start) throw new DecoderException($"Sequence {to} already has positions from {start} on.");
        if (fills) gap = end == gap.End ? default : (end, gap.End);
        NativeMethods.MemoryCopy(_memory, from, to, start, end);
    }

    public void Remove(int sequence, int start, int end)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        CheckSequence(sequence);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        if (end <= start) return;
        ref var gap = ref _gaps[sequence];
        if (end < End(sequence)) gap = (start, end);
        else if (start <= gap.Start) gap = default;
        if (!NativeMethods.MemoryRemove(_memory, sequence, start, end)) throw new DecoderException($"The model cannot forget a part of sequence {sequence}.");
    }

    /// <summary>The model stays loaded until it is disposed too.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _handle.Dispose();
        _batch.Dispose();
        GC.KeepAlive(_model);
    }

    private static LlamaException NoDecoder(LlamaModel model) => new($"{model.Path} does not write text token by token; use a decoder model.");

    private int End(int sequence) => NativeMethods.MemoryLast(_memory, sequence) + 1;

    /// <summary>What the library would abort the process for, or let pass and answer wrongly.</summary>
    private void Check(ReadOnlySpan<BatchToken> batch)
    {
        if (batch.IsEmpty || batch.Length > BatchTokens) throw new DecoderException($"A batch has 1 to {BatchTokens} tokens, not {batch.Length}.");
        var outputs = 0;
        Array.Fill(_ends, -1);
        foreach (var token in batch)
        {
            CheckSequence(token.Sequence);
            if ((uint)token.Token >= (uint)Vocabulary) throw new DecoderException($"There is no token {token.Token} in a vocabulary of {Vocabulary}.");
            ref var end = ref _ends[token.Sequence];
            if (end < 0) end = End(token.Sequence);
            if (_gaps[token.Sequence] != default) throw new DecoderException($"Sequence {token.Sequence} lacks positions from {_gaps[token.Sequence].Start} on.");
            if (token.Position != end) throw new DecoderException($"Sequence {token.Sequence} goes on at position {end}, not {token.Position}.");
            end++;
            if (token.Output) outputs++;
        }

        if (outputs > Outputs) throw new DecoderException($"At most {Outputs} tokens of a batch may ask for their logits, not {outputs}.");
    }

    private void CheckSequence(int sequence)
    {
        if ((uint)sequence >= (uint)Sequences) throw new DecoderException($"There is no sequence {sequence}; there are {Sequences}.");
    }

    private static string Reason() => NativeLog.Reason() ?? "it gives no reason";
}
