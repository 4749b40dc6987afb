using AgentMesh.Doubles;
using AgentMesh.Inference.ModelFiles;

namespace AgentMesh.Inference.Tests.ModelFiles;

/// <summary>A misbehaving hub, an empty cache, and a pull between them that waits for nothing.</summary>
internal sealed class HubFixture : IAsyncDisposable
{
    public const string Token = "hf_a-token-of-nobody";
    public const string File = "tiny-Q4_K_M.gguf";

    private readonly HttpClient http = ModelPull.Client();
    private readonly string folder = Directory.CreateTempSubdirectory("am-models-").FullName;

    private HubFixture(HubDouble hub)
    {
        Hub = hub;
        Options = new HubOptions { CacheFolder = Path.Combine(folder, "hub"), Endpoint = new Uri(hub.Endpoint + "/"), Token = Token };
    }

    public HubDouble Hub { get; }
    public HubOptions Options { get; set; }
    public PullOptions Patience { get; set; } = new() { FirstWait = TimeSpan.Zero, FreeBytes = _ => long.MaxValue };
    public TimeProvider Time { get; set; } = TimeProvider.System;
    public List<PullEvent> Events { get; } = [];
    public ModelStore Store => new(Options);
    public string Folder => folder;

    /// <summary>The repository's folder in the cache.</summary>
    public string Cached(string path = "", string repo = HubDouble.Repo) => Path.Combine(Options.CacheFolder, "models--" + repo.Replace("/", "--", StringComparison.Ordinal), path);

    public string Part(HubFile file) => Cached($"blobs/{file.Etag}.incomplete");

    public static async Task<HubFixture> Start() => new(await HubDouble.Start());

    public Task<string> Pull(string name = HubDouble.Repo, Action<PullEvent>? report = null, CancellationToken? ct = null) =>
        new ModelPull(http, Options, Patience, Time).Pull(ModelName.Parse(name), e =>
        {
            Events.Add(e);
            report?.Invoke(e);
        }, ct ?? TestContext.Current.CancellationToken);

    public async Task<ModelFileException> Fails(string name = HubDouble.Repo) => await Assert.ThrowsAsync<ModelFileException>(() => Pull(name));

    public async Task Whole(HubFile file, string path)
    {
        Assert.Equal(HubFile.Sha256(file.Bytes), HubFile.Sha256(await System.IO.File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken)));
        Assert.Empty(Directory.GetFiles(Options.CacheFolder, "*.incomplete", SearchOption.AllDirectories));
    }

    /// <summary>Every file under the test's folder, so that nothing was written beside the cache.</summary>
    public IEnumerable<string> Everything() => Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f)).Order(StringComparer.Ordinal);

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await Hub.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
