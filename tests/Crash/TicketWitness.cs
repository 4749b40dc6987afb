using System.Diagnostics;
using System.Text.Json;

namespace AgentMesh.Crash;

/// <summary>A ticket service that outlives whatever the tests kill. What it created stands in its own durable log, which no killed process can touch.</summary>
internal sealed class TicketWitness : IAsyncDisposable
{
    private readonly Process process;
    private readonly string file;

    private TicketWitness(Process process, string file, string url) => (this.process, this.file, Url) = (process, file, url);

    public string Url { get; }

    public int ProcessId => process.Id;

    /// <param name="listen">URL to listen on; port 0 for any.</param>
    /// <param name="delay">How long the service holds each new ticket before it exists.</param>
    public static async Task<TicketWitness> Start(string folder, string listen = "http://127.0.0.1:0", TimeSpan delay = default)
    {
        var ports = Path.Combine(folder, "url");
        var log = Path.Combine(folder, "tickets.jsonl");
        var service = Programs.Start(
            "samples/TicketService", ["--urls", listen, "--log", log, "--port-file", ports, "--delay-ms", ((int)delay.TotalMilliseconds).ToString()],
            new Dictionary<string, string>(StringComparer.Ordinal));
        var errors = service.StandardError.ReadToEndAsync();
        // The service says that it listens; its port file is there by then.
        while (!File.Exists(ports) && await service.StandardOutput.ReadLineAsync() is not null)
        {
        }

        if (!File.Exists(ports)) throw new InvalidOperationException($"The ticket service did not start: {await errors}");
        _ = service.StandardOutput.ReadToEndAsync();
        return new TicketWitness(service, log, (await File.ReadAllTextAsync(ports)).Trim());
    }

    /// <summary>Requests of one outcome (<c>created</c>, <c>replayed</c>, <c>rejected</c>) by goal.</summary>
    public async Task<Dictionary<string, int>> Counted(string outcome)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var line in await File.ReadAllLinesAsync(file))
        {
            using var entry = JsonDocument.Parse(line);
            if (entry.RootElement.GetProperty("outcome").GetString() != outcome) continue;
            var goal = entry.RootElement.GetProperty("key").GetString()!.Split('/')[0];
            counts[goal] = counts.GetValueOrDefault(goal) + 1;
        }

        return counts;
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
