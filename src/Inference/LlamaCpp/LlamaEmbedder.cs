namespace AgentMesh.Inference.LlamaCpp;

/// <summary>Texts as vectors: what the model's pooling makes of their tokens, at length one. Calls wait for each other.</summary>
public sealed unsafe class LlamaEmbedder : IDisposable
{
    private const int NoPooling = 0;
    private const int Mean = 1;
    private const int Ranking = 4;

    private readonly LlamaModel _model;
    private readonly LlamaContextHandle _handle;
    private readonly nint _memory;
    private readonly BatchArrays _batch;
    private readonly int _sequences;
    private readonly Lock _gate = new();
    private bool _disposed;

    /// <param name="batchTokens">The most tokens of one batch, and so of one text; null: what the model was trained for, at most 2,048.</param>
    /// <param name="sequences">The most texts of one batch.</param>
    /// <exception cref="LlamaException">The model makes no embeddings, or there is no memory for it.</exception>
    public LlamaEmbedder(LlamaModel model, int? batchTokens = null, int sequences = 32, int? threads = null)
    {
        var tokens = (uint)Math.Max(1, batchTokens ?? Math.Min(model.ContextLength, 2048));
        var parameters = NativeMethods.ContextDefaults();
        // A text without a causal order is computed whole: the micro-batch must hold the batch.
        parameters.Cells = parameters.Batch = parameters.MicroBatch = tokens;
        parameters.Sequences = (uint)Math.Clamp(sequences, 1, (int)NativeMethods.MostSequences());
        parameters.Threads = parameters.ThreadsBatch = threads ?? ProcessorCores.Usable;
        parameters.KvUnified = 1;
        parameters.Embeddings = 1;
        // Decoders that say nothing of it are pooled by the mean: one vector for a text is what this is for.
        if (!model.Metadata.Keys.Any(k => k.EndsWith(".pooling_type", StringComparison.Ordinal))) parameters.Pooling = Mean;
        _handle = Contexts.Create(model, parameters);
        if (NativeMethods.ContextPooling(_handle) is NoPooling or Ranking)
        {
            _handle.Dispose();
            throw new LlamaException($"{model.Path} ranks or gives a vector for each token; it makes no embeddings of texts.");
        }

        _model = model;
        _memory = NativeMethods.ContextMemory(_handle);
        _sequences = (int)parameters.Sequences;
        MostTokens = (int)NativeMethods.ContextBatch(_handle);
        _batch = new BatchArrays(MostTokens);
    }

    /// <summary>Tokens of the longest text.</summary>
    public int MostTokens { get; }

    /// <summary>Numbers of a vector.</summary>
    public int Length => _model.EmbeddingLength;

    /// <summary>Computes the texts in as few batches as they fit in.</summary>
    /// <returns>Vectors in the order of the texts.</returns>
    /// <exception cref="LlamaException">A text has too many tokens or none, or the library failed.</exception>
    /// <exception cref="OperationCanceledException">Seen between batches.</exception>
    public IReadOnlyList<float[]> Embed(IReadOnlyList<string> texts, CancellationToken ct = default)
    {
        var tokens = texts.Select((text, i) => Tokens(text, i)).ToList();
        var vectors = new float[texts.Count][];
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            for (var first = 0; first < texts.Count;)
            {
                ct.ThrowIfCancellationRequested();
                var last = first;
                _batch.Clear();
                while (last < texts.Count && last - first < _sequences && _batch.Count + tokens[last].Count <= MostTokens)
                {
                    for (var i = 0; i < tokens[last].Count; i++) _batch.Add(tokens[last][i], i, last - first, output: true);
                    last++;
                }

                Compute();
                for (var i = first; i < last; i++) vectors[i] = Vector(i - first);
                first = last;
            }
        }

        return vectors;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            _handle.Dispose();
            _batch.Dispose();
        }
    }

    private IReadOnlyList<int> Tokens(string text, int index)
    {
        var tokens = _model.Tokenizer.Tokenize(text, special: false, start: true);
        if (tokens.Count == 0) throw new LlamaException($"Text {index} has no tokens; an empty text has no embedding.");
        return tokens.Count <= MostTokens ? tokens : throw new LlamaException($"Text {index} has {tokens.Count} tokens; {MostTokens} is the most. Cut it into passages.");
    }

    private void Compute()
    {
        NativeLog.Forget();
        int code;
        if (_memory == 0)
        {
            code = NativeMethods.Encode(_handle, _batch.Native);
        }
        else
        {
            NativeMethods.MemoryClear(_memory, data: false);
            code = NativeMethods.Decode(_handle, _batch.Native);
        }

        if (code != 0) throw new LlamaException($"llama.cpp failed to embed (code {code}): {NativeLog.Reason() ?? "it gives no reason"}.");
    }

    private float[] Vector(int sequence)
    {
        var native = NativeMethods.SequenceEmbedding(_handle, sequence);
        if (native is null) throw new LlamaException("llama.cpp gave no embedding.");
        var vector = new ReadOnlySpan<float>(native, Length).ToArray();
        double squares = 0;
        foreach (var x in vector) squares += (double)x * x;
        if (!double.IsFinite(squares)) throw new LlamaException("The model's embedding is not a number; the file is damaged, or the device fails.");
        if (squares == 0) return vector;
        var scale = (float)(1 / Math.Sqrt(squares));
        for (var i = 0; i < vector.Length; i++) vector[i] *= scale;
        return vector;
    }
}
