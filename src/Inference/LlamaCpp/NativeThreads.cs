namespace AgentMesh.Inference.LlamaCpp;

/// <summary>
/// Worker threads that live as long as a context. Without them llama.cpp starts and ends threads for each batch, which at a token per millisecond is felt.
/// </summary>
internal sealed unsafe class NativeThreads
{
    private readonly nint _pool;
    private readonly delegate* unmanaged[Cdecl]<nint, void> _free;

    private NativeThreads(nint pool, delegate* unmanaged[Cdecl]<nint, void> free)
    {
        _pool = pool;
        _free = free;
    }

    /// <summary>None where the CPU's backend has no such functions: then llama.cpp does as it would.</summary>
    public static NativeThreads? Create(nint cpuDevice, int threads)
    {
        var backend = NativeMethods.DeviceBackend(cpuDevice);
        var create = (delegate* unmanaged[Cdecl]<NativeThreadPoolParams*, nint>)NativeMethods.BackendFunction(backend, "ggml_threadpool_new");
        var free = (delegate* unmanaged[Cdecl]<nint, void>)NativeMethods.BackendFunction(backend, "ggml_threadpool_free");
        if (create is null || free is null) return null;
        var parameters = NativeMethods.ThreadPoolDefaults(threads);
        if (parameters.Threads != threads) return null;
        var pool = create(&parameters);
        return pool == 0 ? null : new NativeThreads(pool, free);
    }

    public void Attach(LlamaContextHandle context) => NativeMethods.AttachThreadPool(context, _pool, _pool);

    public void Free() => _free(_pool);
}
