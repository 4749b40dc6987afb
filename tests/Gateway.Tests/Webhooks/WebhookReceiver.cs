using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Gateway.Tests.Webhooks;

/// <summary>Somebody's server: answers as it is told, and keeps what it took.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly Channel<Message> arrived = Channel.CreateUnbounded<Message>();

    private WebhookReceiver(WebApplication app) => this.app = app;

    /// <param name="Number">1 for the first.</param>
    public sealed record Message(int Number, string Id, string Timestamp, string Signature, string Body);

    /// <summary>What it answers to each message.</summary>
    public Func<Message, Task<IResult>> Answers { get; set; } = _ => Task.FromResult(Results.NoContent());

    /// <summary>Those that it answered with 2xx.</summary>
    public ConcurrentQueue<Message> Taken { get; } = new();

    public string Url => $"{app.Urls.First()}/hook";

    public static async Task<WebhookReceiver> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new WebhookReceiver(builder.Build());
        var number = 0;
        receiver.app.MapPost("/hook", async (HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body);
            var message = new Message(
                Interlocked.Increment(ref number), request.Headers["webhook-id"].ToString(), request.Headers["webhook-timestamp"].ToString(),
                request.Headers["webhook-signature"].ToString(), await reader.ReadToEndAsync());
            var answer = await receiver.Answers(message);
            if (answer is IStatusCodeHttpResult { StatusCode: >= 200 and < 300 }) receiver.Taken.Enqueue(message);
            receiver.arrived.Writer.TryWrite(message);
            return answer;
        });
        await receiver.app.StartAsync(World.Ct);
        return receiver;
    }

    /// <summary>The next message, taken or not.</summary>
    public ValueTask<Message> Next() => arrived.Reader.ReadAsync(World.Ct);

    /// <summary>When so many were taken.</summary>
    public async Task TookAll(int count)
    {
        while (Taken.Count < count) await Next();
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
