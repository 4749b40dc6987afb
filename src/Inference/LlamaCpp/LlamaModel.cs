using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AgentMesh.Inference.Gguf;

namespace AgentMesh.Inference.LlamaCpp;

/// <summary>How a model is loaded.</summary>
/// <param name="Device"><c>cpu</c>, <c>gpu0</c>, …; null: the first GPU where there is one.</param>
/// <param name="MemoryMap">Whether weights stay in the file's pages, shared between processes, where the device allows it.</param>
/// <param name="Trusted">Whether the file needs no trial in a child process (see <see cref="ModelTrial"/>): only for files that this process wrote itself.</param>
/// <param name="GpuLayers">How many layers a GPU takes; null: all.</param>
public sealed record LlamaModelOptions(string? Device = null, bool MemoryMap = true, bool Trusted = false, int? GpuLayers = null);

/// <summary>A loaded model: weights and vocabulary, to be shared by any number of contexts. Safe for use in parallel.</summary>
public sealed unsafe class LlamaModel : IDisposable
{
    private readonly Lazy<LlamaTokenizer> _tokenizer;

    private LlamaModel(LlamaLibrary library, LlamaModelHandle handle, LlamaDevice device, string path)
    {
        (Library, Handle, Device, Path) = (library, handle, device, path);
        _tokenizer = new(() => new LlamaTokenizer(this));
        Metadata = ReadMetadata(handle);
        Description = Text((buffer, size) => NativeMethods.ModelDescription(handle, (byte*)buffer, size));
        ChatTemplate = Marshal.PtrToStringUTF8((nint)NativeMethods.ModelChatTemplate(handle, null));
        Bytes = (long)NativeMethods.ModelSize(handle);
        Parameters = (long)NativeMethods.ModelParameters(handle);
        ContextLength = NativeMethods.ModelContext(handle);
        EmbeddingLength = NativeMethods.ModelEmbedding(handle);
        Layers = NativeMethods.ModelLayers(handle);
        HasEncoder = NativeMethods.ModelHasEncoder(handle);
        HasDecoder = NativeMethods.ModelHasDecoder(handle);
        KeepsState = NativeMethods.ModelIsRecurrent(handle) || NativeMethods.ModelIsHybrid(handle);
        IsDiffusion = NativeMethods.ModelIsDiffusion(handle);
    }

    public string Path { get; }
    public LlamaDevice Device { get; }

    /// <summary>The file's single values as text, by their keys; lists, such as the vocabulary, are not among them.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Architecture, size and quantization in a few words.</summary>
    public string Description { get; }

    /// <summary>The file's own, in Jinja; null where it has none.</summary>
    public string? ChatTemplate { get; }

    /// <summary>Of all weights.</summary>
    public long Bytes { get; }

    public long Parameters { get; }

    /// <summary>Tokens of a sequence that the model was trained for.</summary>
    public int ContextLength { get; }

    /// <summary>Numbers of an embedding.</summary>
    public int EmbeddingLength { get; }

    public int Layers { get; }
    public bool HasEncoder { get; }
    public bool HasDecoder { get; }

    /// <summary>Recurrent and hybrid models keep one state for each sequence instead of cells: a part of a sequence can be neither forgotten nor shared.</summary>
    public bool KeepsState { get; }

    public bool IsDiffusion { get; }

    public LlamaTokenizer Tokenizer => _tokenizer.Value;

    internal LlamaLibrary Library { get; }
    internal LlamaModelHandle Handle { get; }

    /// <summary>The handle itself stays open while a context holds it.</summary>
    internal bool IsDisposed { get; private set; }

    /// <summary>Reads the file's header, tries a file that was not tried yet in a child process, and loads it. Blocks; it takes as long as reading the file.</summary>
    /// <param name="progress">Gets the share that is read, 0 to 1, on the calling thread.</param>
    /// <param name="ct">Ends the loading within a few tensors.</param>
    /// <exception cref="GgufException">The file is not what it says; the library has not seen it.</exception>
    /// <exception cref="LlamaException">The library, the device or the model is of no use; the message says why.</exception>
    public static LlamaModel Load(LlamaLibrary library, string path, LlamaModelOptions? options = null, IProgress<float>? progress = null, CancellationToken ct = default)
    {
        options ??= new();
        var device = options.Device is { } name
            ? library.Devices.FirstOrDefault(d => d.Name == name)
                ?? throw new LlamaException($"There is no device '{name}' here; there are: {string.Join(", ", library.Devices.Select(d => d.Name))}.")
            : library.Devices[0];
        var file = GgufFile.Read(path);
        if (!options.Trusted) ModelTrial.Shared.Check(library, file, ct);

        ct.ThrowIfCancellationRequested();
        var state = new Loading(progress, ct);
        var devices = stackalloc nint[] { device.Name == "cpu" ? 0 : device.Handle, 0 };
        var parameters = NativeMethods.ModelDefaults();
        parameters.Devices = (nint)devices;
        parameters.GpuLayers = device.Name == "cpu" ? 0 : options.GpuLayers ?? -1;
        parameters.SplitMode = 0;
        parameters.LoadMode = options.MemoryMap ? 1 : 0;
        parameters.Progress = (nint)(delegate* unmanaged[Cdecl]<float, void*, byte>)&Report;
        var pin = GCHandle.Alloc(state);
        try
        {
            parameters.ProgressData = GCHandle.ToIntPtr(pin);
            NativeLog.Forget();
            var handle = NativeMethods.ModelLoad(path, parameters);
            NativeHeap.Trim();
            if (!handle.IsInvalid) return new LlamaModel(library, handle, device, path);
            handle.Dispose();
        }
        finally
        {
            pin.Free();
        }

        if (state.Failure is { } failure) throw new LlamaException($"{path} was not loaded: {failure.Message}", failure);
        ct.ThrowIfCancellationRequested();
        throw new LlamaException($"llama.cpp cannot load {path}: {NativeLog.Reason() ?? "it gives no reason"}.");
    }

    /// <summary>Contexts that still live go on working; the weights are freed with the last of them.</summary>
    public void Dispose()
    {
        IsDisposed = true;
        Handle.Dispose();
    }

    private sealed class Loading(IProgress<float>? progress, CancellationToken ct)
    {
        public Exception? Failure { get; private set; }

        public bool Goes(float share)
        {
            try
            {
                progress?.Report(share);
            }
            // Whatever the caller's code throws must not run through native frames: it is carried around them.
            catch (Exception e)
            {
                Failure = e;
            }

            return Failure is null && !ct.IsCancellationRequested;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte Report(float share, void* data) => ((Loading)GCHandle.FromIntPtr((nint)data).Target!).Goes(share) ? (byte)1 : (byte)0;

    private static Dictionary<string, string> ReadMetadata(LlamaModelHandle handle)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < NativeMethods.ModelMetadataCount(handle); i++)
        {
            var index = i;
            metadata[Text((buffer, size) => NativeMethods.ModelMetadataKey(handle, index, (byte*)buffer, size))] =
                Text((buffer, size) => NativeMethods.ModelMetadataValue(handle, index, (byte*)buffer, size));
        }

        return metadata;
    }

    /// <summary>The functions answer with the length that the text has, whatever the buffer's.</summary>
    private static string Text(Func<nint, nuint, int> read)
    {
        var buffer = new byte[256];
        while (true)
        {
            fixed (byte* start = buffer)
            {
                var length = read((nint)start, (nuint)buffer.Length);
                if (length < buffer.Length) return Marshal.PtrToStringUTF8((nint)start) ?? "";
                buffer = new byte[length + 1];
            }
        }
    }
}
