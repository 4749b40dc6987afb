namespace AgentMesh.Inference.LlamaCpp;

/// <summary>
/// Whether the loaded library is the version that the structs were written for. Its defaults are full of tell-tale values; a field that was added, removed or
/// moved shifts them, and is noticed here instead of crashing later.
/// </summary>
internal static class NativeLayout
{
    public const string Version = "0.5.0";

    /// <exception cref="LlamaException">The library is another version, or has other structs.</exception>
    public static void Check(string version, in NativeModelParams model, in NativeContextParams context)
    {
        var number = version.TrimStart('v');
        if (number != Version && !number.StartsWith(Version + "-", StringComparison.Ordinal))
            throw new LlamaException($"The llama.cpp found is version {version}; {Version} is needed (npm package {LlamaFolder.PackageVersion}). Run 'npm ci' in the repository, or correct AGENTMESH_LLAMA.");

        Span<(string Field, bool Holds)> fields =
        [
            ("llama_model_params.devices", model.Devices == 0 && model.TensorBufferOverrides == 0),
            ("llama_model_params.n_gpu_layers", model.GpuLayers == -1),
            ("llama_model_params.split_mode", model.SplitMode == 1),
            ("llama_model_params.load_mode", model.LoadMode == -1),
            ("llama_model_params.lazy_mode", model.LazyMode == 1),
            ("llama_model_params.main_gpu", model.MainGpu == 0),
            ("llama_model_params.progress_callback", model is { TensorSplit: 0, Progress: 0, ProgressData: 0, MetadataOverrides: 0 }),
            ("llama_model_params.use_extra_bufts", model is { VocabularyOnly: 0, CheckTensors: 0, ExtraBufferTypes: 1, NoHost: 0, NoAllocation: 0, LoadMtp: 0 }),
            ("llama_context_params.n_ctx", context is { Cells: 512, Batch: 2048, MicroBatch: 512, Sequences: 1, RecurrentSnapshots: 0 }),
            ("llama_context_params.n_outputs_max", context is { Outputs: 0, OutputsPerSequence: 1 }),
            ("llama_context_params.n_threads", context.Threads is > 0 and <= 512 && context.ThreadsBatch == context.Threads),
            ("llama_context_params.ctx_type", context.ContextType == 0),
            ("llama_context_params.pooling_type", context is { RopeScaling: -1, Pooling: -1, Attention: -1, FlashAttention: -1 }),
            ("llama_context_params.yarn", context is { RopeBase: 0, RopeScale: 0, YarnExt: -1, YarnAttention: -1, YarnFast: -1, YarnSlow: -1, YarnContext: 0, DefragThreshold: -1 }),
            ("llama_context_params.type_k", context is { EvalCallback: 0, EvalData: 0, TypeK: 1, TypeV: 1, Abort: 0, AbortData: 0 }),
            ("llama_context_params.kv_unified", context is { Embeddings: 0, OffloadKqv: 1, NoPerf: 1, OpOffload: 1, SwaFull: 1, KvUnified: 0 }),
            ("llama_context_params.samplers", context is { Samplers: 0, SamplerCount: 0, OtherContext: 0 }),
        ];
        foreach (var (field, holds) in fields)
        {
            if (!holds)
                throw new LlamaException($"llama.cpp says it is version {version}, but its {field} is not where {Version} has it. Run 'npm ci' in the repository, or correct AGENTMESH_LLAMA.");
        }
    }
}
