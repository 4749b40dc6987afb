using System.Buffers;
using System.IO.Pipelines;
using AgentMesh.Gateway.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;

namespace AgentMesh.Gateway.Http;

/// <summary>
/// Answers with server-sent events, and a heartbeat where it is quiet, until there are no more, or the client or the server ends. What is not on its
/// way to the client is not asked for: a slow reader costs one buffer, and is dropped when it takes nothing for too long. Who asked is asked for again
/// with each heartbeat.
/// </summary>
internal sealed class ServerSentEvents(GatewayOptions options, TimeProvider time, IHostApplicationLifetime lifetime, IStreamLimit limit, Authenticator callers)
{
    /// <summary>So much gathers before it is sent, however fast events come.</summary>
    private const long Gathered = 32 * 1024;

    /// <summary>A place for whoever does something before the stream begins: what is done is not taken back when there is no place left.</summary>
    /// <exception cref="ProblemException">There is no place.</exception>
    public IDisposable Enter(HttpContext http) => limit.Enter(http);

    /// <param name="events">Cancelled when nobody wants more of them.</param>
    /// <param name="write">Writes one event, its empty line included.</param>
    /// <param name="place">The place that was taken before; null takes one now.</param>
    public async Task Write<T>(
        HttpContext http, Func<CancellationToken, IAsyncEnumerable<T>> events, Action<T, IBufferWriter<byte>> write, CancellationToken ct, IDisposable? place = null)
    {
        using var open = place ?? limit.Enter(http);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(ct, lifetime.ApplicationStopping);
        http.Response.ContentType = "text/event-stream; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        // Proxies of the nginx kind hold an answer back unless told otherwise.
        http.Response.Headers["X-Accel-Buffering"] = "no";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        try
        {
            await http.Response.StartAsync(ending.Token);
            await Copy(http, events, new Line(http, options.SlowReader, time), write, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested || http.RequestAborted.IsCancellationRequested)
        {
            // The client went or was dropped, or the server stops: it comes back with the last id that it saw.
        }
    }

    private async Task Copy<T>(HttpContext http, Func<CancellationToken, IAsyncEnumerable<T>> events, Line line, Action<T, IBufferWriter<byte>> write, CancellationToken ct)
    {
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await line.Flush(ct);
        await using var reader = events(reading.Token).GetAsyncEnumerator(reading.Token);
        var next = reader.MoveNextAsync().AsTask();
        try
        {
            var beat = Task.Delay(options.Heartbeat, time, reading.Token);
            while (true)
            {
                if (!next.IsCompleted)
                {
                    await line.Flush(ct);
                    await Task.WhenAny(next, beat);
                }

                if (beat.IsCompleted)
                {
                    await beat;
                    // However much happens: a key that is revoked ends what it began.
                    if (!await callers.StillKnows(http, ct)) break;
                    beat = Task.Delay(options.Heartbeat, time, reading.Token);
                    line.Body.Write(":\n\n"u8);
                    if (!next.IsCompleted) continue;
                }

                if (!await next) break;
                write(reader.Current, line.Body);
                if (line.Body.UnflushedBytes >= Gathered) await line.Flush(ct);
                next = reader.MoveNextAsync().AsTask();
            }

            await line.Flush(ct);
        }
        finally
        {
            // The reader cannot be disposed while it reads; what it still has to say goes unheard.
            await reading.CancelAsync();
            await next.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    /// <summary>The way to one client.</summary>
    private sealed class Line(HttpContext http, TimeSpan patience, TimeProvider time)
    {
        public PipeWriter Body => http.Response.BodyWriter;

        public async ValueTask Flush(CancellationToken ct)
        {
            var flush = Body.FlushAsync(ct);
            if (flush.IsCompletedSuccessfully)
            {
                if (flush.Result.IsCanceled) throw new OperationCanceledException(ct);
                return;
            }

            try
            {
                await flush.AsTask().WaitAsync(patience, time, ct);
            }
            catch (TimeoutException e)
            {
                http.Abort();
                throw new OperationCanceledException("The client takes nothing.", e, http.RequestAborted);
            }
        }
    }
}

/// <summary>How many event streams may be open.</summary>
internal interface IStreamLimit
{
    /// <returns>The stream's place, given back when it is disposed of.</returns>
    /// <exception cref="ProblemException">There is no place.</exception>
    IDisposable Enter(HttpContext http);
}

/// <summary>A limit over all clients together.</summary>
internal sealed class AllStreams(GatewayOptions options) : IStreamLimit
{
    private int open;

    public IDisposable Enter(HttpContext http)
    {
        if (Interlocked.Increment(ref open) <= options.MaxStreams) return new Place(this);
        Interlocked.Decrement(ref open);
        throw new ProblemException(503, "streams-too-many", $"{options.MaxStreams} event streams are open here, which is the limit. Try again later, or ask with `follow=false` or `wait`.");
    }

    private sealed class Place(AllStreams all) : IDisposable
    {
        private int left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref left, 1) == 0) Interlocked.Decrement(ref all.open);
        }
    }
}
