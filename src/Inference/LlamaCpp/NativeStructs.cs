using System.Runtime.InteropServices;

namespace AgentMesh.Inference.LlamaCpp;

// The structs that llama.cpp 0.5.0 takes and returns by value, field for field; a C bool is a byte. NativeLayout checks them against the library.

[StructLayout(LayoutKind.Sequential)]
internal struct NativeModelParams
{
    public nint Devices;
    public nint TensorBufferOverrides;
    public int GpuLayers;
    public int SplitMode;
    public int LoadMode;
    public int LazyMode;
    public int MainGpu;
    public nint TensorSplit;
    public nint Progress;
    public nint ProgressData;
    public nint MetadataOverrides;
    public byte VocabularyOnly;
    public byte CheckTensors;
    public byte ExtraBufferTypes;
    public byte NoHost;
    public byte NoAllocation;
    public byte LoadMtp;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeContextParams
{
    public uint Cells;
    public uint Batch;
    public uint MicroBatch;
    public uint Sequences;
    public uint RecurrentSnapshots;
    public uint Outputs;
    public uint OutputsPerSequence;
    public int Threads;
    public int ThreadsBatch;
    public int ContextType;
    public int RopeScaling;
    public int Pooling;
    public int Attention;
    public int FlashAttention;
    public float RopeBase;
    public float RopeScale;
    public float YarnExt;
    public float YarnAttention;
    public float YarnFast;
    public float YarnSlow;
    public uint YarnContext;
    public float DefragThreshold;
    public nint EvalCallback;
    public nint EvalData;
    public int TypeK;
    public int TypeV;
    public nint Abort;
    public nint AbortData;
    public byte Embeddings;
    public byte OffloadKqv;
    public byte NoPerf;
    public byte OpOffload;
    public byte SwaFull;
    public byte KvUnified;
    public nint Samplers;
    public nuint SamplerCount;
    public nint OtherContext;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeBatch
{
    public int Count;
    public int* Tokens;
    public float* Embeddings;
    public int* Positions;
    public int* SequenceCounts;
    public int** Sequences;
    public sbyte* Outputs;
}

/// <summary>Its first field is a mask of 512 processors that this program never sets.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeThreadPoolParams
{
    public fixed byte Processors[512];
    public int Threads;
    public int Priority;
    public uint Poll;
    public byte Strict;
    public byte Paused;
}
