using System.Text;

namespace AgentMesh.Storage.Embedded;

/// <summary>Where the server's Unix socket lives: always a folder that only the server's account (and root) may enter.</summary>
internal static class SocketFolders
{
    private const string Prefix = "agentmesh-pg-";

    /// <summary><c>sockaddr_un</c> has room for 107 bytes; PostgreSQL also puts a lock file beside the socket.</summary>
    private const int LongestPath = 107;

    /// <summary>The data folder itself where its path is short enough, else a new private folder with a short name.</summary>
    public static string For(string data, int port)
    {
        if (Fits(data, port)) return data;
        if (Fits(Path.Combine(Path.GetTempPath(), Prefix + "123456"), port))
            return Directory.CreateTempSubdirectory(Prefix).FullName;
        throw new StorageException($"The path {data} is too long for a Unix socket, and so is that of the temporary folder. Set TMPDIR to a short path.");
    }

    /// <summary>Removes a folder that <see cref="For"/> made; leaves any other alone.</summary>
    public static void Remove(string folder)
    {
        if (!Path.GetFileName(folder).StartsWith(Prefix, StringComparison.Ordinal) || !Directory.Exists(folder)) return;
        Directory.Delete(folder, recursive: true);
    }

    private static bool Fits(string folder, int port) => Encoding.UTF8.GetByteCount($"{folder}/.s.PGSQL.{port}") <= LongestPath;
}
