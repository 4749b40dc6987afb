namespace AgentMesh.Inference.ModelFiles;

/// <summary>
/// The folders of one repository in Hugging Face's cache: <c>models--org--name/{blobs,refs,snapshots}</c>, and the lock files beside it. The only
/// place that makes paths of names; each was checked by <see cref="SafeNames"/> before, and is again here.
/// </summary>
internal sealed class HubCache
{
    private readonly string folder;
    private readonly string locks;

    public HubCache(string cacheFolder, string repo)
    {
        if (!SafeNames.IsRepo(repo)) throw new ArgumentException($"{repo} is no repository's name.", nameof(repo));
        Repo = repo;
        var name = "models--" + repo.Replace("/", "--", StringComparison.Ordinal);
        (folder, locks) = (Path.Combine(cacheFolder, name), Path.Combine(cacheFolder, ".locks", name));
    }

    public string Repo { get; }

    /// <summary>Whether there is anything of it.</summary>
    public bool Exists => Directory.Exists(folder);

    public string Blob(string etag) => Path.Combine(folder, "blobs", Checked(etag, IsBlobName));

    /// <summary>The resumable part of a blob.</summary>
    public string Part(string etag) => Blob(etag) + ".incomplete";

    public string Snapshot(string commit, string file) => Path.Combine(folder, "snapshots", Checked(commit, SafeNames.IsCommit), Checked(file, SafeNames.IsFile));

    /// <summary>The repositories in a cache, by name.</summary>
    public static IEnumerable<HubCache> All(string cacheFolder) => !Directory.Exists(cacheFolder) ? [] :
        Directory.EnumerateDirectories(cacheFolder, "models--*").Select(d => Path.GetFileName(d).Split("--"))
            .Where(n => n.Length == 3).Select(n => $"{n[1]}/{n[2]}").Where(SafeNames.IsRepo).Order(StringComparer.Ordinal).Select(r => new HubCache(cacheFolder, r));

    /// <summary>Held by one process at a time, Python's tools among them; released however it ends.</summary>
    public Task<FileStream> Lock(string etag, Action waits, TimeProvider time, CancellationToken ct) =>
        FileLock.Take(Path.Combine(locks, Checked(etag, IsBlobName) + ".lock"), waits, time, ct);

    /// <summary>The commit that a branch or tag meant when it was last asked for; a commit means itself.</summary>
    public string? Commit(string revision)
    {
        if (SafeNames.IsCommit(revision)) return revision;
        var file = Path.Combine(folder, "refs", Checked(revision, SafeNames.IsRevision));
        return File.Exists(file) && File.ReadAllText(file).Trim() is var commit && SafeNames.IsCommit(commit) ? commit : null;
    }

    public void Remember(string revision, string commit)
    {
        if (SafeNames.IsCommit(revision)) return;
        var file = Path.Combine(folder, "refs", Checked(revision, SafeNames.IsRevision));
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, Checked(commit, SafeNames.IsCommit));
    }

    /// <summary>Commits of which there are files, the newest first.</summary>
    public IReadOnlyList<string> Commits() => Directory.Exists(Path.Combine(folder, "snapshots"))
        ? [.. new DirectoryInfo(Path.Combine(folder, "snapshots")).EnumerateDirectories().Where(d => SafeNames.IsCommit(d.Name)).OrderByDescending(d => d.LastWriteTimeUtc).Select(d => d.Name)]
        : [];

    /// <summary>The files of a commit that are whole here.</summary>
    public IEnumerable<string> Files(string commit) => Entries(commit).Where(f => File.Exists(Snapshot(commit, f)));

    /// <summary>Gives a blob its name in a snapshot: a relative link, or where links cannot be made, the file itself.</summary>
    public string Link(string etag, string commit, string file)
    {
        var (path, blob) = (Snapshot(commit, file), Blob(etag));
        var directory = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(directory);
        var target = Path.GetRelativePath(directory, blob);
        if (new FileInfo(path) is { LinkTarget: { } now } && now == target) return path;
        try
        {
            var made = $"{path}.{Environment.ProcessId}.link";
            File.Delete(made);
            File.CreateSymbolicLink(made, target);
            File.Move(made, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && !File.Exists(path))
        {
            File.Move(blob, path);
        }

        return path;
    }

    /// <summary>The blob that a file is a link to; null when it is no link into this repository's blobs.</summary>
    public string? BlobOf(string commit, string file)
    {
        var path = Snapshot(commit, file);
        if (new FileInfo(path).LinkTarget is not { } target) return null;
        var blob = Path.GetFullPath(target, Path.GetDirectoryName(path)!);
        return Path.GetDirectoryName(blob) == Path.Combine(folder, "blobs") ? Path.GetFileName(blob) : null;
    }

    /// <summary>Removes files from every commit, then the blobs that nothing links to any more; the repository itself with its last file.</summary>
    /// <exception cref="ModelFileException">Another process pulls from it.</exception>
    public void Remove(Func<string, bool> file)
    {
        var held = FileLock.TakeAll(locks) ?? throw ModelFileException.Broken($"{Repo} is being pulled by another process: wait for it, or stop it.");
        try
        {
            var gone = new HashSet<string>(StringComparer.Ordinal);
            foreach (var (commit, name) in Commits().SelectMany(c => Entries(c).Where(file).Select(f => (c, f))).ToList())
            {
                if (BlobOf(commit, name) is { } blob) gone.Add(blob);
                File.Delete(Snapshot(commit, name));
                DropEmpty(Path.GetDirectoryName(Snapshot(commit, name))!);
            }

            var left = Commits();
            gone.ExceptWith(left.SelectMany(c => Entries(c).Select(f => BlobOf(c, f) ?? "")));
            foreach (var blob in gone) File.Delete(Blob(blob));
            foreach (var reference in References().Where(r => Commit(r) is not { } commit || !left.Contains(commit, StringComparer.Ordinal)).ToList())
                File.Delete(Path.Combine(folder, "refs", reference));
            if (left.Count > 0) return;
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            if (Directory.Exists(locks)) Directory.Delete(locks, recursive: true);
        }
        finally
        {
            foreach (var one in held) one.Dispose();
        }
    }

    // Links whose blob is gone count: they are in the way of removing a folder.
    private IEnumerable<string> Entries(string commit) => Names(Path.Combine(folder, "snapshots", commit));

    private IEnumerable<string> References() => Names(Path.Combine(folder, "refs"));

    private static IEnumerable<string> Names(string root) => !Directory.Exists(root) ? [] :
        Directory.EnumerateFiles(root, "*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 8, AttributesToSkip = FileAttributes.None })
            .Select(f => Path.GetRelativePath(root, f).Replace(Path.DirectorySeparatorChar, '/')).Where(SafeNames.IsFile).Order(StringComparer.Ordinal);

    private void DropEmpty(string directory)
    {
        for (; directory.Length > folder.Length && Path.GetFileName(directory) != "snapshots" && !Directory.EnumerateFileSystemEntries(directory).Any(); directory = Path.GetDirectoryName(directory)!)
            Directory.Delete(directory);
    }

    private static bool IsBlobName(string etag) => etag.Length is > 0 and <= 128 && etag[0] != '.' && etag.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private static string Checked(string name, Func<string, bool> rule) => rule(name) ? name : throw ModelFileException.Broken("A name from the server or the cache is none that a file may have; nothing was written.");
}
