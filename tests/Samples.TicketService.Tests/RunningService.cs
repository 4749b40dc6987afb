using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;

namespace AgentMesh.Samples.TicketService.Tests;

/// <summary>The service on a free port of the loopback, over a log of its own or a given one.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningService(WebApplication app, string logFile, HttpClient http)
    {
        (_app, LogFile, Http) = (app, logFile, http);
    }

    public HttpClient Http { get; }

    public string LogFile { get; }

    public static string NewFolder() => Directory.CreateTempSubdirectory("ticket-service-").FullName;

    public static async Task<RunningService> StartAsync(string? logFile = null, TimeProvider? time = null, TicketServiceOptions? options = null)
    {
        logFile ??= Path.Combine(NewFolder(), "tickets.jsonl");
        var app = TicketServiceHost.Build(
            (options ?? new TicketServiceOptions()) with { Urls = "http://127.0.0.1:0", LogFile = logFile }, time ?? TimeProvider.System);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new RunningService(app, logFile, new HttpClient { BaseAddress = new Uri(app.Urls.First()) });
    }

    public Task<HttpResponseMessage> PostAsync(string body, string? key = null, string contentType = "application/json")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/tickets")
        {
            Content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(contentType)),
        };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public Task<HttpResponseMessage> GetAsync(string path) => Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

    /// <summary>The log as an outsider reads it, while the service runs.</summary>
    public IReadOnlyList<JsonNode> ReadLog()
    {
        using var reader = new StreamReader(new FileStream(LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }
}

internal static class Answers
{
    public static async Task<JsonNode> JsonAsync(this HttpResponseMessage response) =>
        JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;

    public static string Text(this JsonNode node, string name) => (string)node[name]!;
}
