using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace AgentMesh.Bench;

/// <summary>The rivals' programs under bench/baselines: run as they are, read by the JSON line they print.</summary>
internal sealed class Rivals(string? folder, string url)
{
    public static readonly (string Name, string Program, string[] Extra)[] Systems =
    [
        ("LangGraph.js", "langgraph.mjs", []), ("DBOS", "dbos.mjs", []), ("DBOS coarse", "dbos.mjs", ["--coarse"]),
    ];

    public bool Exist => folder is not null;

    public async Task<Figures> Run(string program, string[] extra, int goals, int atOnce)
    {
        using var line = JsonDocument.Parse(await Output(program, ["--goals", Text(goals), "--concurrency", Text(atOnce), "--max-seconds", "25", .. extra]));
        var root = line.RootElement;
        return new Figures(
            root.GetProperty("goalsPerSecond").GetDouble(), root.GetProperty("p50Ms").GetDouble(), root.GetProperty("p99Ms").GetDouble(),
            root.GetProperty("bytesPerGoal").GetDouble());
    }

    /// <summary>Raw commits of the same server, as the program says them.</summary>
    public Task<string> Commits() => Output("commits.mjs", ["--connections", "1,16", "--seconds", "3", "--fsync-dir", Path.GetTempPath()]);

    private async Task<string> Output(string program, string[] args)
    {
        var start = new ProcessStartInfo("node") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        foreach (var arg in (string[])["--no-deprecation", program, "--url", url, "--json", .. args]) start.ArgumentList.Add(arg);
        using var process = Process.Start(start)!;
        // A rival that hangs (DBOS did, without connections) must not take the whole run with it.
        using var patience = new Timer(_ => process.Kill(entireProcessTree: true), null, TimeSpan.FromSeconds(90), Timeout.InfiniteTimeSpan);
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await errors}");
        return output.Trim();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
