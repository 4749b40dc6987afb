using Microsoft.Win32.SafeHandles;

namespace AgentMesh.Inference.LlamaCpp;

/// <summary>A loaded model. It is freed once nothing uses it: each context holds it.</summary>
internal sealed class LlamaModelHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        NativeMethods.ModelFree(handle);
        return true;
    }
}

/// <summary>A context, which keeps its model loaded, and its threads.</summary>
internal sealed unsafe class LlamaContextHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    private LlamaModelHandle? _model;
    private NativeThreads? _threads;

    /// <summary>From here on the model is freed after this, whatever the order of disposal.</summary>
    public void Hold(LlamaModelHandle model, NativeThreads? threads)
    {
        var held = false;
        model.DangerousAddRef(ref held);
        _model = model;
        _threads = threads;
    }

    protected override bool ReleaseHandle()
    {
        NativeMethods.ContextFree(handle);
        _threads?.Free();
        _model?.DangerousRelease();
        return true;
    }
}
