using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using AgentMesh.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;

namespace AgentMesh.Gateway.Goals;

/// <summary>Writes a goal's journal as server-sent events, with a heartbeat where it is quiet, until the goal, the client or the server ends.</summary>
internal sealed class EventStream(IMesh mesh, GatewayOptions options, TimeProvider time, IHostApplicationLifetime lifetime)
{
    public async Task Write(HttpContext http, GoalId goal, long after, bool follow, CancellationToken ct)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(ct, lifetime.ApplicationStopping);
        http.Response.ContentType = "text/event-stream; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        // Proxies of the nginx kind hold an answer back unless told otherwise.
        http.Response.Headers["X-Accel-Buffering"] = "no";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var body = http.Response.BodyWriter;
        try
        {
            await http.Response.StartAsync(ending.Token);
            await body.FlushAsync(ending.Token);
            await Copy(mesh.Events(goal, after, follow, ending.Token), body, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The client went, or the server stops: it comes back with the last id that it saw.
        }
    }

    private async Task Copy(IAsyncEnumerable<JournalEntry> entries, PipeWriter body, CancellationToken ct)
    {
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await using var reader = entries.GetAsyncEnumerator(reading.Token);
        var next = reader.MoveNextAsync().AsTask();
        try
        {
            var beat = Task.Delay(options.Heartbeat, time, reading.Token);
            while (true)
            {
                if (!next.IsCompleted)
                {
                    await body.FlushAsync(ct);
                    if (await Task.WhenAny(next, beat) != next)
                    {
                        await beat;
                        beat = Task.Delay(options.Heartbeat, time, reading.Token);
                        body.Write(":\n\n"u8);
                        continue;
                    }
                }

                if (!await next) break;
                Write(body, reader.Current);
                next = reader.MoveNextAsync().AsTask();
            }

            await body.FlushAsync(ct);
        }
        finally
        {
            // The reader cannot be disposed while it reads; what it still has to say goes unheard.
            await reading.CancelAsync();
            await next.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private static void Write(PipeWriter body, JournalEntry entry)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(entry, MeshJson.Default.JournalEntry);
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {entry.Sequence}\ndata: "), body);
        // The codec writes one line: line breaks inside strings are escaped.
        body.Write(json);
        body.Write("\n\n"u8);
    }
}
