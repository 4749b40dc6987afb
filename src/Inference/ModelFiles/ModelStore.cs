namespace AgentMesh.Inference.ModelFiles;

/// <summary>Finds the file that a model's name means. The port for whoever loads models.</summary>
public interface IModelStore
{
    /// <summary>A path as it is; otherwise what the cache has under the name. Makes no request.</summary>
    /// <param name="name">What <c>--model</c> or <c>AGENTMESH_MODEL</c> says; see <see cref="ModelName.Parse"/>. A file of that path goes before a repository.</param>
    /// <returns>The absolute path of a GGUF file; of a split model, its first part with the others beside it.</returns>
    /// <exception cref="ModelFileException">There is none; it says what to run.</exception>
    string Resolve(string name);
}

/// <summary>The models of this machine, in Hugging Face's cache.</summary>
public sealed class ModelStore(HubOptions options) : IModelStore
{
    /// <inheritdoc/>
    public string Resolve(string name)
    {
        if (name.Length > 0 && File.Exists(name)) return Sound(Path.GetFullPath(name));
        return ModelName.Parse(name) switch
        {
            ModelName.AtPath { Path: var path } => throw ModelFileException.Asked(Directory.Exists(path) ? $"{path} is a folder: name a .gguf file in it." : $"There is no file {path}."),
            ModelName.AtUrl url => InUrl(url) ?? throw Missing(url),
            ModelName.InRepo repo => Find(repo) is { } found ? Sound(found.Path)
                : throw (repo.File is null && ModelName.IsGguf(name) ? ModelFileException.Asked($"There is no file {name}.") : Missing(repo)),
            _ => throw new NotSupportedException(),
        };
    }

    /// <summary>Every model of the cache, by repository and file; of one that several commits share, the newest.</summary>
    public IReadOnlyList<StoredModel> List()
    {
        var seen = new HashSet<(string, string)>();
        return
        [
            .. HubCache.All(options.CacheFolder).SelectMany(cache => cache.Commits().SelectMany(commit =>
                GgufChoice.Models(cache.Files(commit)).Where(m => seen.Add((cache.Repo, m.First + (cache.BlobOf(commit, m.First) ?? commit)))).Select(m => Stored(cache, commit, m)))
                .OrderBy(m => m.File, StringComparer.Ordinal)),
        ];
    }

    /// <summary>What <see cref="Remove"/> would remove: the models that a name means, in every commit.</summary>
    /// <exception cref="ModelFileException">There is nothing of that name.</exception>
    public IReadOnlyList<StoredModel> Removable(ModelName.InRepo name)
    {
        var found = List().Where(m => m.Repo == name.Repo && Means(name, m.File)).ToList();
        if (found.Count > 0 || (name is { Quant: null, File: null } && new HubCache(options.CacheFolder, name.Repo).Exists)) return found;
        throw ModelFileException.Asked($"There is no {name} on this machine. `agentmesh model ls` shows what there is.");
    }

    /// <summary>Removes a repository, or its files of one quantization, or one file with its parts; and every blob that nothing links to any more.</summary>
    /// <exception cref="ModelFileException">Another process pulls from it.</exception>
    public void Remove(ModelName.InRepo name) =>
        new HubCache(options.CacheFolder, name.Repo).Remove(file => name is { Quant: null, File: null } || Means(name, file));

    internal StoredModel? Find(ModelName.InRepo name)
    {
        var cache = new HubCache(options.CacheFolder, name.Repo);
        // The commit that the branch was last seen at goes first; then what else is here, if no revision was asked for.
        var first = cache.Commit(name.Revision ?? "main");
        foreach (var commit in cache.Commits().Where(c => name.Revision is null || c == first).OrderByDescending(c => c == first))
        {
            var files = cache.Files(commit).ToList();
            if (name.File is { } file)
            {
                var parts = GgufChoice.Parts(file);
                if (parts.All(p => files.Contains(p, StringComparer.Ordinal))) return Stored(cache, commit, new GgufModel(parts[0], Quantization.Of(file), parts, parts.Count));
                continue;
            }

            var models = GgufChoice.Models(files).Where(m => m.IsComplete && (name.Quant is null || m.Quant == name.Quant)).ToList();
            if (models.Count > 0) return Stored(cache, commit, GgufChoice.Pick(name.Repo, models, name.Quant));
        }

        return null;
    }

    internal static ModelName.InRepo OfUrl(Uri url)
    {
        var name = ModelName.FileOf(url);
        var host = SafeNames.RepoPart(url.IsDefaultPort ? url.Host : $"{url.Host}.{url.Port}");
        return new ModelName.InRepo($"{host}/{(SafeNames.RepoPart(Path.GetFileNameWithoutExtension(name)) is { Length: > 0 } part ? part : "model")}", null, name);
    }

    private static bool Means(ModelName.InRepo name, string file) =>
        name.File is { } one ? GgufChoice.Parts(one).Contains(file, StringComparer.Ordinal) : name.Quant is null || (ModelName.IsGguf(file) && Quantization.Of(file) == name.Quant);

    private string? InUrl(ModelName.AtUrl url) => Find(OfUrl(url.Url)) is { } found ? Sound(found.Path) : null;

    private static StoredModel Stored(HubCache cache, string commit, GgufModel model)
    {
        var files = model.Files.Select(f => new FileInfo(cache.Snapshot(commit, f))).Select(f => f.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? f).ToList();
        return new StoredModel(
            cache.Repo, model.First, model.Quant, files.Sum(f => f.Length), files.Count, model.Expected, files.Max(f => new DateTimeOffset(f.LastAccessTimeUtc)),
            cache.Snapshot(commit, model.First), commit);
    }

    private ModelFileException Missing(ModelName name) => ModelFileException.Asked(
        $"{name} is not on this machine: run `agentmesh model pull {name}`{(options.Offline ? " with the network (HF_HUB_OFFLINE is set)" : "")}, or give the path of a .gguf file.");

    private static string Sound(string path) => GgufCheck.Fault(path) is { } fault ? throw ModelFileException.Asked(fault) : path;
}
