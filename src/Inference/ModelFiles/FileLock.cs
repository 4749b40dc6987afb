namespace AgentMesh.Inference.ModelFiles;

/// <summary>Locks on files, of the kind that Hugging Face's own tools take on the same ones (<c>flock</c>).</summary>
internal static class FileLock
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <param name="waits">Called once, when another process holds it.</param>
    public static async Task<FileStream> Take(string path, Action waits, TimeProvider time, CancellationToken ct)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        for (var told = false; ; told = true)
        {
            if (Try(path) is { } taken)
            {
                // Whoever held it may have removed the file: then this lock is on a file that nobody else can see.
                if (File.Exists(path)) return taken;
                await taken.DisposeAsync();
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                continue;
            }

            if (!told) waits();
            await Task.Delay(Look, time, ct);
        }
    }

    /// <summary>All locks of a folder at once; null when somebody holds one of them.</summary>
    public static IReadOnlyList<FileStream>? TakeAll(string folder)
    {
        var taken = new List<FileStream>();
        foreach (var path in Directory.Exists(folder) ? Directory.GetFiles(folder, "*.lock") : [])
        {
            if (Try(path) is { } one)
            {
                taken.Add(one);
                continue;
            }

            foreach (var other in taken) other.Dispose();
            return null;
        }

        return taken;
    }

    private static FileStream? Try(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException) && File.Exists(path))
        {
            return null;
        }
    }
}
