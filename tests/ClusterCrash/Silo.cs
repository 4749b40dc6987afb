using System.Diagnostics;
using AgentMesh.Crash;

namespace AgentMesh.ClusterCrash;

/// <summary>One life of a silo's process.</summary>
internal sealed class Silo : IAsyncDisposable
{
    private readonly Process process;
    private readonly StreamWriter log;
    private readonly Task reading;
    private readonly List<string> errors = [];

    private Silo(string name, string address, string url, Process process, string log)
    {
        (Name, Address, Url, this.process) = (name, address, url, process);
        this.log = new StreamWriter(log) { AutoFlush = true };
        reading = Task.WhenAll(Read(process.StandardOutput, null), Read(process.StandardError, errors));
    }

    public string Name { get; }

    /// <summary><c>address:port</c>, with which the names of its writer begin.</summary>
    public string Address { get; }

    public string Url { get; }

    public int ProcessId => process.Id;

    public bool HasExited => process.HasExited;

    /// <summary>After its end.</summary>
    public int ExitCode => process.ExitCode;

    /// <summary>What it said on its error stream so far.</summary>
    public IReadOnlyList<string> Errors
    {
        get
        {
            lock (errors) return [.. errors];
        }
    }

    public static Silo Start(string name, string host, string http, IReadOnlyDictionary<string, string> environment, string log, params IReadOnlyList<string> within)
    {
        var ports = Shell.FreePorts(3);
        var url = $"http://{http}:{ports[2]}";
        var settings = new Dictionary<string, string>(environment, StringComparer.Ordinal)
        {
            ["AGENTMESH_SILO_NAME"] = name, ["AGENTMESH_SILO_ADDRESS"] = host, ["AGENTMESH_SILO_PORT"] = ports[0].ToString(),
            ["AGENTMESH_CLIENT_PORT"] = ports[1].ToString(), ["AGENTMESH_HTTP"] = url, ["AGENTMESH_ADMIN_KEY"] = Gateway.Key, ["AGENTMESH_RATE"] = "0",
        };
        return new Silo(name, $"{host}:{ports[0]}", url, Programs.Start("src/Silo", [], settings, within), log);
    }

    /// <summary>Returns when it takes requests.</summary>
    public async Task Ready()
    {
        var limit = Stopwatch.StartNew();
        while (!await Gateway.IsReady(Url))
        {
            if (process.HasExited) throw new InvalidOperationException($"{Name} ended with {process.ExitCode} before it was ready: {string.Join(" | ", Errors)}");
            if (limit.Elapsed > TimeSpan.FromMinutes(2)) throw new InvalidOperationException($"{Name} was not ready within two minutes.");
            await Task.Delay(50);
        }
    }

    /// <summary>SIGKILL.</summary>
    /// <returns>When it was sent.</returns>
    public async Task<DateTimeOffset> Kill()
    {
        var at = TimeProvider.System.GetUtcNow();
        process.Kill();
        await End();
        return at;
    }

    /// <returns>False when the process has ended by itself.</returns>
    public Task<bool> Freeze() => Signal("STOP");

    /// <inheritdoc cref="Freeze"/>
    public Task<bool> Thaw() => Signal("CONT");

    /// <summary>SIGTERM, and its end.</summary>
    /// <returns>How long it took.</returns>
    public async Task<TimeSpan> Stop()
    {
        var since = Stopwatch.StartNew();
        await Shell.Signal(process.Id, "TERM");
        await End();
        return since.Elapsed;
    }

    private async Task<bool> Signal(string signal)
    {
        try
        {
            await Shell.Signal(process.Id, signal);
            return true;
        }
        catch (InvalidOperationException) when (process.HasExited)
        {
            return false;
        }
    }

    /// <summary>Waits for its end, whatever brings it.</summary>
    public async Task End(CancellationToken ct = default)
    {
        await process.WaitForExitAsync(ct);
        await reading;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        await reading;
        await log.DisposeAsync();
        process.Dispose();
    }

    private async Task Read(StreamReader stream, List<string>? keep)
    {
        while (await stream.ReadLineAsync() is { } line)
        {
            lock (errors)
            {
                log.WriteLine($"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {line}");
                keep?.Add(line);
            }
        }
    }
}
