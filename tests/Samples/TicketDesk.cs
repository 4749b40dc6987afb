using System.Text.Json;
using AgentMesh.Contracts;
using AgentMesh.Samples.TicketService;
using Microsoft.AspNetCore.Builder;

namespace AgentMesh.Samples;

/// <summary>The sample's ticket service on a port of its own, judged by its own log.</summary>
internal sealed class TicketDesk : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly string folder;

    private TicketDesk(WebApplication app, string folder) => (this.app, this.folder) = (app, folder);

    public string Url => app.Urls.First();

    /// <param name="hold">Time between claiming a key and creating its ticket.</param>
    /// <param name="time">The desk's clock; null for the machine's.</param>
    public static async Task<TicketDesk> Start(TimeSpan hold = default, TimeProvider? time = null)
    {
        var own = Directory.CreateTempSubdirectory("am-tickets-").FullName;
        var service = TicketServiceHost.Build(new TicketServiceOptions { Urls = "http://127.0.0.1:0", LogFile = Log(own), Delay = hold }, time ?? TimeProvider.System);
        await service.StartAsync(TestContext.Current.CancellationToken);
        return new TicketDesk(service, own);
    }

    /// <summary>Every request that the service received, as it logged it.</summary>
    public IReadOnlyList<JsonElement> ReadLog()
    {
        using var reader = new StreamReader(new FileStream(Log(folder), FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(MeshJson.Parse)];
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static string Log(string folder) => Path.Combine(folder, "tickets.jsonl");
}
