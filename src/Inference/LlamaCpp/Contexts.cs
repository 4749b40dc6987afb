namespace AgentMesh.Inference.LlamaCpp;

/// <summary>Makes contexts that hold their model and their threads.</summary>
internal static class Contexts
{
    /// <exception cref="LlamaException">The library refused; the message has its reason.</exception>
    public static LlamaContextHandle Create(LlamaModel model, in NativeContextParams parameters)
    {
        ObjectDisposedException.ThrowIf(model.IsDisposed, model);
        NativeLog.Forget();
        var handle = NativeMethods.ContextCreate(model.Handle, parameters);
        if (handle.IsInvalid)
        {
            handle.Dispose();
            throw new LlamaException($"llama.cpp cannot make a context of {parameters.Cells} cells for {model.Path}: {NativeLog.Reason() ?? "it gives no reason"}.");
        }

        var threads = NativeThreads.Create(model.Library.CpuDevice, parameters.Threads);
        threads?.Attach(handle);
        handle.Hold(model.Handle, threads);
        return handle;
    }
}
