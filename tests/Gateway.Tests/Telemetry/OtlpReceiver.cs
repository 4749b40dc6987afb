using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Gateway.Tests.Telemetry;

/// <summary>A collector: takes OTLP over HTTP with protobuf on a port of its own, and keeps what comes.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<(string Signal, byte[] Body)> received = new();

    private OtlpReceiver(WebApplication app) => this.app = app;

    public string Url => app.Urls.First();

    /// <summary>Everything that came, as text, for looking for what should not have.</summary>
    public string Everything => string.Join('\n', received.Select(r => Encoding.UTF8.GetString(r.Body)));

    public IReadOnlyList<SentSpan> Spans =>
        [.. Bodies("traces").SelectMany(b => b.All(1)).SelectMany(r => r.All(2)).SelectMany(s => s.All(2)).Select(s => new SentSpan(s))];

    public IReadOnlySet<string> Metrics =>
        Bodies("metrics").SelectMany(b => b.All(1)).SelectMany(r => r.All(2)).SelectMany(s => s.All(2)).Select(m => m.Text(1)).ToHashSet(StringComparer.Ordinal);

    /// <summary>The lines of the log: what each says, and in which trace.</summary>
    public IReadOnlyList<(string Text, string Trace)> Logs =>
        [.. Bodies("logs").SelectMany(b => b.All(1)).SelectMany(r => r.All(2)).SelectMany(s => s.All(2)).Select(l => (l.All(5).Single().Text(1), l.Hex(9)))];

    public static async Task<OtlpReceiver> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new OtlpReceiver(builder.Build());
        receiver.app.MapPost("/v1/{signal}", async (string signal, HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            receiver.received.Enqueue((signal, body.ToArray()));
            return Results.Bytes([], "application/x-protobuf");
        });
        await receiver.app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private IEnumerable<Message> Bodies(string signal) => received.Where(r => r.Signal == signal).Select(r => new Message(r.Body));
}

/// <summary>One span as it came.</summary>
internal sealed class SentSpan(Message span)
{
    public string Trace { get; } = span.Hex(1);
    public string Id { get; } = span.Hex(2);

    /// <summary>Empty for a root.</summary>
    public string Parent { get; } = span.Hex(4);
    public string Name { get; } = span.Text(5);

    /// <summary>1 internal, 2 server, 3 client, 4 producer.</summary>
    public long Kind { get; } = span.Number(6);
    public bool IsError { get; } = span.All(15).Any(s => s.Number(3) == 2);

    /// <summary>Attributes with their values as text.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; } = span.All(9).ToDictionary(a => a.Text(1), a => Value(a.All(2).Single()), StringComparer.Ordinal);

    private static string Value(Message value) =>
        value.Has(1) ? value.Text(1) : value.Has(3) ? $"{value.Number(3)}" : value.Has(5) ? string.Join(',', value.All(5).Single().All(1).Select(Value)) : $"{value.Number(2)}";
}
