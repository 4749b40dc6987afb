using System.Diagnostics;

namespace AgentMesh.Cli.Tests;

/// <summary>The real program, in a process that can be killed.</summary>
internal sealed class CliProcess : IDisposable
{
    private readonly Process process;

    private CliProcess(Process process) => this.process = process;

    public static CliProcess Start(Shell shell, params string[] args)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet")
        {
            RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true, UseShellExecute = false,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "AgentMesh.Cli.dll"));
        foreach (var arg in args) start.ArgumentList.Add(arg);
        foreach (var (name, value) in shell.Environment) start.Environment[name] = value;
        return new CliProcess(Process.Start(start)!);
    }

    /// <summary>Reads stderr until a line says it.</summary>
    public async Task Says(string text)
    {
        var seen = new List<string>();
        while (await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal)) return;
            seen.Add(line);
        }

        Assert.Fail($"It ended without '{text}': {string.Join('\n', seen)}");
    }

    /// <summary>With SIGKILL: nothing of its own runs any more.</summary>
    public void Kill() => process.Kill();

    public async Task<int> Exit()
    {
        // What nobody reads would fill the pipe.
        await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }
}
