using AgentMesh.Agents.Models;
using AgentMesh.Inference.Decoding;
using AgentMesh.Inference.Gguf;
using AgentMesh.Inference.LlamaCpp;
using AgentMesh.Inference.ModelFiles;
using AgentMesh.Inference.Templates.Jinja;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Inference.InProcess;

/// <summary>The models of the settings that this process serves itself: found, checked, and loaded once. Safe for use in parallel once they are loaded.</summary>
/// <param name="store">Asked only where a setting names a file.</param>
public sealed class LocalModels(ModelOptions options, Func<IModelStore> store, TimeProvider time, ILoggerFactory logs) : IDisposable
{
    private const string Large = "AGENTMESH_MODEL";
    private const string Embedding = "AGENTMESH_EMBEDDINGS";

    private readonly Dictionary<string, LlamaEngine> _engines = new(StringComparer.Ordinal);
    private LlamaModel? _embedder;
    private LlamaEmbeddings? _embeddings;

    /// <summary>Null where none is configured, or it is not loaded.</summary>
    public IEmbeddingGenerator<string, Embedding<float>>? Embeddings => _embeddings;

    /// <summary>Looks for the files and reads what they say of themselves; loads nothing.</summary>
    /// <returns>What each model is called, and its file.</returns>
    /// <exception cref="ModelFileException">One is missing, no model, or too large for this machine; the message names the setting.</exception>
    public IReadOnlyList<(string Model, GgufFile File)> Find() => [.. Chats().Concat(Embedder()).Select(m => (m.Name, Find(m)))];

    /// <summary>Loads what is not loaded yet. Blocks for as long as reading the files takes, and as long again where a file is new here and tried first.</summary>
    /// <param name="chat">False: only the embedding model.</param>
    /// <exception cref="ModelFileException">A model cannot be had or served; the message says what to do.</exception>
    public void Load(bool chat, Action<ModelLoading>? report, CancellationToken ct)
    {
        List<Named> chats = [.. chat ? Chats().Where(c => !_engines.ContainsKey(c.Name)) : []];
        List<Named> embedders = [.. _embeddings is null ? Embedder() : []];
        if (chats.Count + embedders.Count == 0) return;
        // Before the library, which is slower to find out.
        var files = chats.Concat(embedders).ToDictionary(m => m, Find);
        var library = Library();
        foreach (var (named, file) in files) Explained(named, () => Fits(named, file, library.Devices[0].Name));
        foreach (var named in chats)
            _engines.Add(named.Name, Loaded(named, files[named], progress => Engine(named.Name, files[named].Path, progress, ct), e => (e.Description, e.Device, e.Stats.Cells), report));
        foreach (var named in embedders)
        {
            _embedder = Loaded(
                named, files[named], progress => LlamaModel.Load(library, files[named].Path, new LlamaModelOptions(options.Device, GpuLayers: options.GpuLayers), progress, ct),
                m => (m.Description, m.Device.Name, 0), report);
            _embeddings = Explained(named, () => new LlamaEmbeddings(named.Name, new LlamaEmbedder(_embedder, threads: options.Threads)));
        }
    }

    /// <summary>Chat with a loaded model, on a tenant's share of it. Not to be disposed of.</summary>
    /// <exception cref="ModelException">It is not loaded.</exception>
    public IChatClient Chat(string model, string tenant) => Engine(model).For(tenant);

    /// <inheritdoc cref="Chat"/>
    public LlamaEngine Engine(string model) =>
        _engines.GetValueOrDefault(model) ?? throw new ModelException(ModelErrorKind.Unavailable, $"{model} is not loaded in this process.");

    public void Dispose()
    {
        foreach (var engine in _engines.Values) engine.Dispose();
        _engines.Clear();
        _embeddings?.Dispose();
        _embedder?.Dispose();
    }

    private IEnumerable<Named> Chats()
    {
        if (options is { ModelFile: { } file, Model: { } model }) yield return new(Large, model, file);
        if (options is { SmallModelFile: { } smallFile, SmallModel: { } small } && small != options.Model) yield return new("AGENTMESH_MODEL_SMALL", small, smallFile);
    }

    private IEnumerable<Named> Embedder()
    {
        if (options.EmbeddingFile is { } file) yield return new(Embedding, Path.GetFileNameWithoutExtension(file), file);
    }

    private GgufFile Find(Named named) => Explained(named, () =>
    {
        var file = GgufFile.Read(store().Resolve(named.File));
        return Fits(named, file, null);
    });

    /// <summary>Where the processor serves it, the machine's memory must hold it; a GPU says itself what it cannot.</summary>
    /// <param name="best">The device where none is set; null: that is not known before the library is loaded.</param>
    private GgufFile Fits(Named named, GgufFile file, string? best)
    {
        if (OnProcessor(best)) ModelMemory.Check(file, named.Setting == Embedding ? 0 : Context, UsableMemory.Bytes);
        return file;
    }

    internal bool OnProcessor(string? best) => options.GpuLayers == 0 || (options.Device ?? best) == "cpu";

    private int? Context => options.ContextEach is { } each ? (int)Math.Min((long)each * options.Slots, int.MaxValue) : options.Context;

    private LlamaLibrary Library()
    {
        try
        {
            return LlamaLibrary.Load(log: logs.CreateLogger("AgentMesh.Inference.LlamaCpp"));
        }
        catch (LlamaException e)
        {
            throw ModelFileException.Broken(e.Message, e);
        }
    }

    private LlamaEngine Engine(string name, string path, IProgress<float> progress, CancellationToken ct) => LlamaEngine.Load(
        path,
        new LlamaEngineOptions
        {
            Name = name, Device = options.Device, Context = Context, Threads = options.Threads, GpuLayers = options.GpuLayers,
            Separate = options.ContextEach is not null, MaxOutputTokens = options.MaxOutputTokens, Decode = new DecodeOptions { Running = options.Slots },
        },
        time, logs, progress, ct: ct);

    private T Loaded<T>(Named named, GgufFile file, Func<IProgress<float>, T> load, Func<T, (string Description, string Device, int Cells)> facts, Action<ModelLoading>? report)
    {
        var since = time.GetTimestamp();
        report?.Invoke(new ModelLoading.Began(named.Name, file.Length));
        var loaded = Explained(named, () => load(new Told(share => report?.Invoke(new ModelLoading.Moved(named.Name, share)))));
        var (description, device, cells) = facts(loaded);
        report?.Invoke(new ModelLoading.Done(named.Name, description, device, cells, time.GetElapsedTime(since)));
        return loaded;
    }

    private static T Explained<T>(Named named, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is ModelFileException or GgufException or LlamaException or TemplateException or IOException or UnauthorizedAccessException)
        {
            // --model says the first one, too: its file's name is enough.
            var setting = named.Setting == Large ? "" : $"{named.Setting}: ";
            var meant = named.Setting == Embedding || ModelName.IsGguf(named.File) ? "" : " If it is an endpoint's model, set AGENTMESH_MODEL_URL.";
            throw new ModelFileException((e as ModelFileException)?.Fault ?? ModelFileFault.Asked, $"{setting}{e.Message}{meant}", e);
        }
    }

    private sealed record Named(string Setting, string Name, string File);

    /// <summary>On the thread that loads, unlike <see cref="Progress{T}"/>.</summary>
    private sealed class Told(Action<float> tell) : IProgress<float>
    {
        public void Report(float value) => tell(value);
    }
}
