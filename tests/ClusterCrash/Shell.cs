using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace AgentMesh.ClusterCrash;

/// <summary>What the system's own programs do for the tests.</summary>
internal static class Shell
{
    /// <exception cref="InvalidOperationException">The command failed.</exception>
    public static async Task Run(params IReadOnlyList<string> command)
    {
        if (await Try(command) is { } error) throw new InvalidOperationException($"{string.Join(' ', command)}: {error}");
    }

    /// <returns>What went wrong; null when nothing did.</returns>
    public static async Task<string?> Try(params IReadOnlyList<string> command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await output;
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? null : error.Trim();
    }

    /// <param name="signal"><c>STOP</c>, <c>CONT</c>, <c>TERM</c>, …</param>
    public static Task Signal(int process, string signal) => Run("kill", "-" + signal, process.ToString());

    /// <summary>Ports that nobody listens on just now.</summary>
    public static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        foreach (var listener in listeners) listener.Start();
        int[] ports = [.. listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port)];
        foreach (var listener in listeners) listener.Dispose();
        return ports;
    }
}
