namespace AgentMesh.Inference.ModelFiles;

/// <summary>Brings models onto this machine: asks what there is, picks, downloads what is missing, checks it, and links it into the cache.</summary>
/// <param name="http">From <see cref="Client"/>; not owned.</param>
public sealed class ModelPull(HttpClient http, HubOptions options, PullOptions patience, TimeProvider time)
{
    private const int MostChanges = 3;

    private readonly HubConnection connection = new(http, options, patience, time);

    /// <summary>A client that follows no redirects and has no time limit of its own, as this class needs it.</summary>
    public static HttpClient Client() => HubConnection.Client();

    /// <param name="report">Hears of everything, in order.</param>
    /// <returns>The path of the file; of a split model, of its first part.</returns>
    /// <exception cref="ModelFileException">It cannot be had; what came of it is kept for the next time.</exception>
    public async Task<string> Pull(ModelName name, Action<PullEvent> report, CancellationToken ct)
    {
        name = AsHub(name);
        if (name is ModelName.AtPath path) throw ModelFileException.Asked($"{path.Path} is a path: a local file needs no pull; `agentmesh model import` gives it a name.");
        if (options.Offline) return new ModelStore(options).Resolve(name.ToString());
        var client = new HubClient(connection, options);
        for (var changes = 0; ; changes++)
        {
            try
            {
                var files = await Describe(client, name, report, ct);
                var cache = new HubCache(options.CacheFolder, name is ModelName.InRepo repo ? repo.Repo : ModelStore.OfUrl(((ModelName.AtUrl)name).Url).Repo);
                CheckSpace(cache, files);
                var paths = new List<string>();
                foreach (var file in files) paths.Add(await Get(cache, file, report, ct));
                cache.Remember((name as ModelName.InRepo)?.Revision ?? "main", files[0].Commit!);
                return paths[0];
            }
            catch (ChangedException e) when (changes < MostChanges)
            {
                report(new PullEvent.Retries(e.Message, TimeSpan.Zero));
            }
            catch (ChangedException e)
            {
                throw ModelFileException.Broken($"{e.Message} It changes again and again; try later.", e);
            }
        }
    }

    /// <summary>An address on the hub is a name there: then its hash is known, and it is shared with who pulls it by name.</summary>
    private ModelName AsHub(ModelName name)
    {
        if (name is not ModelName.AtUrl { Url: var url } || !connection.IsHub(url) || !url.AbsolutePath.StartsWith(options.Endpoint.AbsolutePath, StringComparison.Ordinal)) return name;
        return url.AbsolutePath[options.Endpoint.AbsolutePath.Length..].Split('/', 5) is [var org, var repo, "resolve" or "blob", var revision, var file]
            ? ModelName.Parse($"{org}/{repo}/{Uri.UnescapeDataString(file)}@{Uri.UnescapeDataString(revision)}")
            : name;
    }

    private async Task<IReadOnlyList<RemoteFile>> Describe(HubClient client, ModelName name, Action<PullEvent> report, CancellationToken ct)
    {
        var waits = new Patience(patience, time, report);
        if (name is ModelName.AtUrl { Url: var url })
        {
            var names = GgufChoice.Parts(ModelName.FileOf(url));
            var parts = new List<RemoteFile>();
            foreach (var part in names)
            {
                var address = names.Count == 1 ? url : new UriBuilder(url) { Path = string.Concat(url.Segments[..^1]) + Uri.EscapeDataString(part) }.Uri;
                parts.Add(await waits.Run(() => client.Describe(address, part, ct), ct));
            }

            // Outside a hub a commit is made of what the servers call their versions.
            var version = ContentHash.OfText(string.Join('\n', parts.Select(p => p.Etag)))[..40];
            return [.. parts.Select(p => p with { Commit = version })];
        }

        var wanted = (ModelName.InRepo)name;
        if (wanted.Repo.StartsWith(SafeNames.Local + "/", StringComparison.Ordinal))
            throw ModelFileException.Asked($"'{wanted}' names no repository: write org/name, as in `agentmesh model pull org/{wanted}`.");
        var revision = wanted.Revision ?? "main";
        string? commit = null;
        IReadOnlyList<string> files;
        if (wanted.File is { } file)
        {
            files = GgufChoice.Parts(file);
        }
        else
        {
            (commit, var there) = await waits.Run(() => client.List(wanted.Repo, revision, ct), ct);
            files = GgufChoice.Pick(wanted.Repo, GgufChoice.Models(there), wanted.Quant).Files;
        }

        var described = new List<RemoteFile>();
        foreach (var one in files)
        {
            described.Add(await waits.Run(() => client.Describe(wanted.Repo, one, commit ?? revision, commit, ct), ct));
            commit = described[0].Commit;
        }

        return described;
    }

    private void CheckSpace(HubCache cache, IReadOnlyList<RemoteFile> files)
    {
        Directory.CreateDirectory(options.CacheFolder);
        var needed = files.Where(f => !File.Exists(cache.Blob(f.Etag))).DistinctBy(f => f.Etag, StringComparer.Ordinal)
            .Sum(f => Math.Max(0, f.Size - (new FileInfo(cache.Part(f.Etag)) is { Exists: true } part ? part.Length : 0)));
        var free = needed == 0 ? long.MaxValue : patience.FreeBytes(options.CacheFolder);
        if (free < needed)
            throw ModelFileException.Broken($"{cache.Repo} needs {Megabytes(needed)} MB more in {options.CacheFolder}, where {Megabytes(free)} MB are free: make room (`agentmesh model rm`), or set HF_HUB_CACHE to another disk.");
    }

    private async Task<string> Get(HubCache cache, RemoteFile file, Action<PullEvent> report, CancellationToken ct)
    {
        await using var held = await cache.Lock(file.Etag, () => report(new PullEvent.Waits(file.Name)), time, ct);
        if (Here(cache, file, report) is { } path) return path;
        var part = cache.Part(file.Etag);
        Directory.CreateDirectory(Path.GetDirectoryName(part)!);
        using var download = new Download(connection, patience, file, report);
        string hash;
        try
        {
            hash = await download.Run(part, ct);
        }
        catch (ChangedException)
        {
            // The beginning of what its server no longer has.
            File.Delete(part);
            throw;
        }

        if (GgufCheck.Fault(part, $"{file.Name} from {file.Url.Host}") is { } fault)
        {
            File.Delete(part);
            throw ModelFileException.Broken($"{fault} Nothing of it was kept.");
        }

        var etag = file.Promise == Promise.None ? hash : file.Etag;
        File.Move(part, cache.Blob(etag), overwrite: true);
        var link = cache.Link(etag, file.Commit!, file.Name);
        report(new PullEvent.Done(file.Name, file.Size, file.Promise switch { Promise.Sha256 => "sha256", Promise.GitSha1 => "git sha1", _ => null }));
        return link;
    }

    private static string? Here(HubCache cache, RemoteFile file, Action<PullEvent> report)
    {
        var path = cache.Snapshot(file.Commit!, file.Name);
        if (file.Promise != Promise.None)
        {
            if (!File.Exists(cache.Blob(file.Etag))) return null;
            path = cache.Link(file.Etag, file.Commit!, file.Name);
        }
        else if (!File.Exists(path) || !file.IsResumable)
        {
            return null;
        }

        report(new PullEvent.Present(file.Name, file.Size));
        return path;
    }

    private static string Megabytes(long bytes) => (bytes / 1e6).ToString("N0");
}
