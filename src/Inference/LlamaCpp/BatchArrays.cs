using System.Runtime.InteropServices;

namespace AgentMesh.Inference.LlamaCpp;

/// <summary>A batch's arrays in native memory, taken once and filled anew for each batch.</summary>
internal sealed unsafe class BatchArrays : IDisposable
{
    private readonly int _most;
    private readonly int* _sequenceIds;
    private NativeBatch _native;

    public BatchArrays(int most)
    {
        _most = most;
        var size = (nuint)most;
        _sequenceIds = (int*)NativeMemory.Alloc(size, sizeof(int));
        _native = new NativeBatch
        {
            Tokens = (int*)NativeMemory.Alloc(size, sizeof(int)),
            Positions = (int*)NativeMemory.Alloc(size, sizeof(int)),
            SequenceCounts = (int*)NativeMemory.Alloc(size, sizeof(int)),
            Sequences = (int**)NativeMemory.Alloc(size + 1, (nuint)sizeof(int*)),
            Outputs = (sbyte*)NativeMemory.Alloc(size, sizeof(sbyte)),
        };
        for (var i = 0; i < most; i++)
        {
            _native.SequenceCounts[i] = 1;
            _native.Sequences[i] = _sequenceIds + i;
        }

        _native.Sequences[most] = null;
    }

    public int Count => _native.Count;
    public NativeBatch Native => _native;

    public bool HasOutput(int index) => _native.Outputs[index] != 0;
    public void Clear() => _native.Count = 0;

    public void Add(int token, int position, int sequence, bool output)
    {
        var i = _native.Count;
        if (i >= _most) throw new InvalidOperationException("The batch is full.");
        _native.Tokens[i] = token;
        _native.Positions[i] = position;
        _sequenceIds[i] = sequence;
        _native.Outputs[i] = output ? (sbyte)1 : (sbyte)0;
        _native.Count = i + 1;
    }

    public void Dispose()
    {
        NativeMemory.Free(_native.Tokens);
        NativeMemory.Free(_native.Positions);
        NativeMemory.Free(_native.SequenceCounts);
        NativeMemory.Free(_native.Sequences);
        NativeMemory.Free(_native.Outputs);
        NativeMemory.Free(_sequenceIds);
        _native = default;
    }
}
