namespace AgentMesh.Storage.Embedded;

/// <summary>
/// One host per home: a locked file. The system releases it however the process ends. The embedded server takes it itself; a host on somebody
/// else's server takes it beside that.
/// </summary>
public sealed class HomeLock : IDisposable
{
    private readonly FileStream _file;

    private HomeLock(FileStream file) => _file = file;

    /// <exception cref="HomeInUseException">Another host holds it.</exception>
    public static HomeLock Take(string home)
    {
        FileStream? file = null;
        try
        {
            file = new FileStream(Path.Combine(home, "host.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(HolderFile(home), $"{Environment.ProcessId}\n");
            return new HomeLock(file);
        }
        catch (IOException) when (file is null && File.Exists(Path.Combine(home, "host.lock")))
        {
            throw new HomeInUseException(home, Holder(home));
        }
    }

    /// <summary>Whether a host runs on this home now.</summary>
    public static bool IsHeld(string home)
    {
        var path = Path.Combine(home, "host.lock");
        try
        {
            if (!File.Exists(path)) return false;
            // Shared, so that two who only look do not see each other.
            using var look = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>The process that last took the lock; null when unknown. It may be gone.</summary>
    private static int? Holder(string home)
    {
        try
        {
            return int.TryParse(File.ReadAllText(HolderFile(home)), out var pid) ? pid : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    // A file of its own: the locked one cannot be opened by others, not even to read.
    private static string HolderFile(string home) => Path.Combine(home, "host.pid");

    public void Dispose() => _file.Dispose();
}

/// <summary>Another host already runs on this home.</summary>
public sealed class HomeInUseException(string home, int? processId) : StorageException(
    $"The folder {home} is in use by another host{(processId is not null ? $" (process {processId})" : "")}. Stop that one, or give this one a folder of its own with AGENTMESH_HOME.")
{
    public string Home { get; } = home;

    /// <summary>The other host's process; null where it could not be read.</summary>
    public int? ProcessId { get; } = processId;
}
