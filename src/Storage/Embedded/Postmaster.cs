using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Storage.Embedded;

/// <summary>A server process as its <c>postmaster.pid</c> describes it.</summary>
/// <param name="SocketFolder">Where its Unix socket is.</param>
/// <param name="Ready">It accepts connections.</param>
internal sealed record Postmaster(int ProcessId, string DataFolder, int Port, string SocketFolder, bool Ready)
{
    public static string FileIn(string data) => Path.Combine(data, "postmaster.pid");

    /// <summary>Null when there is no such file, or it is only half written.</summary>
    public static Postmaster? Read(string data)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(FileIn(data));
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        if (lines.Length < 5 || !int.TryParse(lines[0], out var pid) || !int.TryParse(lines[3], out var port)) return null;
        return new(pid, lines[1], port, lines[4], lines.Length > 7 && lines[7].Trim() == "ready");
    }

    /// <summary>Whether that process is still a server on that folder, and not a zombie or a stranger with a reused id.</summary>
    public bool IsAlive()
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                var status = File.ReadAllText($"/proc/{ProcessId}/stat");
                var state = status[status.LastIndexOf(')') + 2];
                return state is not ('Z' or 'X') && WorksIn(DataFolder);
            }
            catch (IOException)
            {
                return false;
            }
        }
        try
        {
            using var process = Process.GetProcessById(ProcessId);
            return !process.HasExited && process.ProcessName.Contains("postgres", StringComparison.Ordinal);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private bool WorksIn(string data)
    {
        try
        {
            // A postmaster's current folder is its data folder. The link cannot be read for processes of other users: then it is none of ours.
            return new FileInfo($"/proc/{ProcessId}/cwd").LinkTarget is { } folder && Path.GetFullPath(folder) == Resolved(data);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Resolved(string folder)
    {
        var path = "/";
        foreach (var part in Path.GetFullPath(folder).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            path = Path.Combine(path, part);
            if (new DirectoryInfo(path).ResolveLinkTarget(returnFinalTarget: true) is { } target) path = target.FullName;
        }
        return path;
    }

    /// <summary>Fast shutdown within ten seconds, else immediate within five, else by force. Whatever it takes, committed work stays.</summary>
    public async Task Stop(TimeProvider time, ILogger logger)
    {
        foreach (var (signal, seconds) in new[] { ("INT", 10), ("QUIT", 5), ("KILL", 5) })
        {
            await Command.Run(["/bin/sh", "-c", $"kill -{signal} {ProcessId}"]);
            var since = time.GetTimestamp();
            while (time.GetElapsedTime(since) < TimeSpan.FromSeconds(seconds))
            {
                if (!IsAlive()) return;
                await Task.Delay(TimeSpan.FromMilliseconds(10), time);
            }
            EmbeddedLog.StopIsSlow(logger, ProcessId, signal, seconds);
        }
    }

    /// <summary>Removes what a dead server left. A zombie's id would otherwise keep PostgreSQL from starting.</summary>
    /// <param name="keep">A socket folder that stays in use.</param>
    public static void Forget(string data, string? keep = null)
    {
        var left = Read(data);
        File.Delete(FileIn(data));
        if (left is null || !Directory.Exists(left.SocketFolder)) return;
        foreach (var file in Directory.EnumerateFiles(left.SocketFolder, $".s.PGSQL.{left.Port}*"))
            File.Delete(file);
        if (left.SocketFolder != keep) SocketFolders.Remove(left.SocketFolder);
    }
}
