using System.ComponentModel;
using System.Diagnostics;

namespace AgentMesh.Storage.Embedded;

/// <summary>Runs short programs (<c>initdb</c>, <c>chown</c>, …) and collects what they say.</summary>
internal static class Command
{
    /// <param name="command">Program and arguments.</param>
    public static async Task<(int Exit, string Output)> Run(IReadOnlyList<string> command, CancellationToken ct = default)
    {
        // The current folder may be closed to an unprivileged account; "/" is open to all.
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = "/",
        };
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(ct);
            var errors = process.StandardError.ReadToEndAsync(ct);
            try
            {
                await process.WaitForExitAsync(ct);
                return (process.ExitCode, (await output + await errors).Trim());
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }
        }
        catch (Win32Exception missing)
        {
            return (127, $"{command[0]}: {missing.Message}");
        }
    }

    /// <exception cref="StorageException">The program failed; the message is <paramref name="failed"/> with its output.</exception>
    public static async Task<string> Require(IReadOnlyList<string> command, string failed, CancellationToken ct = default)
    {
        var (exit, output) = await Run(command, ct);
        return exit == 0 ? output : throw new StorageException($"{failed} '{command[0]}' ended with {exit}: {output}");
    }
}
