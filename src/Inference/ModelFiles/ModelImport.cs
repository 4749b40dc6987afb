using System.Diagnostics;

namespace AgentMesh.Inference.ModelFiles;

/// <summary>Takes files of this machine into the cache, under a name of their own.</summary>
/// <param name="freeBytes">Free bytes where a folder is.</param>
public sealed class ModelImport(HubOptions options, Func<string, long> freeBytes, TimeProvider time)
{
    /// <summary>Without a name it is called after its file. Of a split model all parts are taken. Where the disk allows, no byte is copied.</summary>
    /// <param name="copy">Always copy: a file that is edited later in its old place would change in the cache too.</param>
    /// <exception cref="ModelFileException">It is no GGUF file, or the name is taken.</exception>
    public async Task<StoredModel> Import(string path, string? repo, bool copy, Action<PullEvent> report, CancellationToken ct)
    {
        path = Path.GetFullPath(path);
        var files = GgufChoice.Parts(Path.GetFileName(path)).Select(f => Path.Combine(Path.GetDirectoryName(path)!, f)).ToList();
        foreach (var file in files) Check(file);
        repo ??= $"{SafeNames.Local}/{SafeNames.RepoPart(Path.GetFileNameWithoutExtension(path))}";
        if (!repo.Contains('/', StringComparison.Ordinal)) repo = $"{SafeNames.Local}/{repo}";
        if (!SafeNames.IsRepo(repo)) throw ModelFileException.Asked($"'{repo}' cannot be a model's name: write org/name, of letters, digits, and single - _ . between them.");

        var cache = new HubCache(options.CacheFolder, repo);
        var blobs = new List<string>();
        foreach (var file in files) blobs.Add(await Hash(file, report, ct));
        var commit = ContentHash.OfText(string.Join('\n', files.Zip(blobs, (f, b) => $"{Path.GetFileName(f)} {b}")))[..40];
        if (cache.Commits().Any(c => c != commit)) throw ModelFileException.Asked($"There is another {repo} on this machine: choose a name with --as, or `agentmesh model rm {repo}` first.");
        if (files.Any(f => !SafeNames.IsFile(Path.GetFileName(f)))) throw ModelFileException.Asked($"{path} has a name that the cache cannot keep: rename it.");
        for (var i = 0; i < files.Count; i++)
        {
            await using var held = await cache.Lock(blobs[i], () => { }, time, ct);
            if (!File.Exists(cache.Blob(blobs[i]))) await Take(files[i], cache, blobs[i], copy, ct);
            cache.Link(blobs[i], commit, Path.GetFileName(files[i]));
            report(new PullEvent.Done(Path.GetFileName(files[i]), new FileInfo(files[i]).Length, "sha256"));
        }

        cache.Remember("main", commit);
        return new ModelStore(options).Find(new ModelName.InRepo(repo, null, Path.GetFileName(files[0])))!;
    }

    private static void Check(string file)
    {
        if (!File.Exists(file)) throw ModelFileException.Asked($"There is no file {file}.");
        if (!ModelName.IsGguf(file)) throw ModelFileException.Asked($"{file} is not named .gguf: only GGUF files can be loaded.");
        if (GgufCheck.Fault(file) is { } fault) throw ModelFileException.Asked(fault);
    }

    private static async Task<string> Hash(string path, Action<PullEvent> report, CancellationToken ct)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan | FileOptions.Asynchronous);
        using var hash = new ContentHash(Promise.Sha256, file.Length);
        report(new PullEvent.Began(Path.GetFileName(path), file.Length, 0));
        await hash.Add(file, read => report(new PullEvent.Moved(read)), ct);
        return hash.End();
    }

    private async Task Take(string file, HubCache cache, string blob, bool copy, CancellationToken ct)
    {
        var part = cache.Part(blob);
        Directory.CreateDirectory(Path.GetDirectoryName(part)!);
        File.Delete(part);
        // A link's target, not the link: that may be another cache's.
        var source = File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file;
        if (copy || !await HardLink(source, part, ct))
        {
            var (size, free) = (new FileInfo(source).Length, freeBytes(options.CacheFolder));
            if (free < size) throw ModelFileException.Broken($"{file} needs {size / 1_000_000:N0} MB in {options.CacheFolder}, where {free / 1_000_000:N0} MB are free: make room, or name the file by its path instead.");
            File.Copy(source, part);
        }

        File.Move(part, cache.Blob(blob));
    }

    /// <summary>The runtime has no call for it, and native calls live elsewhere; every Unix has the program.</summary>
    private static async Task<bool> HardLink(string source, string to, CancellationToken ct)
    {
        try
        {
            using var ln = Process.Start(new ProcessStartInfo("ln", ["--", source, to]) { RedirectStandardError = true, UseShellExecute = false })!;
            await ln.WaitForExitAsync(ct);
            return ln.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
