using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AgentMesh.ScriptedModel;

/// <summary>
/// An HTTP server that answers by script: each request takes the next reply; when the script is used up, <see cref="Otherwise"/> answers,
/// and without that a 500 that says so. It works on bare sockets so that it can break off anywhere. On 127.0.0.1, at a port of its own.
/// </summary>
public sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly Queue<Reply> _script;
    private readonly List<RecordedRequest> _requests = [];
    private readonly List<(int Count, TaskCompletionSource Seen)> _arrivals = [];
    private readonly List<Task> _connections = [];
    private readonly Task _accepting;
    private TaskCompletionSource _hung = Signal();

    private ScriptedServer(IEnumerable<Reply> script)
    {
        _script = new Queue<Reply>(script);
        _listener.Start();
        Url = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/v1/");
        _accepting = Accept();
    }

    public static ScriptedServer Start(params Reply[] script) => new(script);

    /// <summary>The API's base address, as <c>AGENTMESH_MODEL_URL</c> wants it.</summary>
    public Uri Url { get; }

    /// <summary>Answers what the script does not, such as by the request's content.</summary>
    public Func<RecordedRequest, Reply>? Otherwise { get; init; }

    public IReadOnlyList<RecordedRequest> Requests
    {
        get { lock (_gate) return [.. _requests]; }
    }

    public void Then(params Reply[] replies)
    {
        lock (_gate)
            foreach (var reply in replies) _script.Enqueue(reply);
    }

    /// <summary>Completes once that many requests arrived in full.</summary>
    public Task Arrived(int count)
    {
        lock (_gate)
        {
            if (_requests.Count >= count) return Task.CompletedTask;
            var seen = Signal();
            _arrivals.Add((count, seen));
            return seen.Task;
        }
    }

    /// <summary>Completes once a reply has begun to hang.</summary>
    public Task Hanging()
    {
        lock (_gate) return _hung.Task;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        Task[] open;
        lock (_gate) open = [.. _connections];
        await Task.WhenAll(open);
        _stop.Dispose();
        _listener.Dispose();
    }

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                lock (_gate) _connections.Add(Serve(socket));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The server stops.
        }
    }

    private async Task Serve(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            if (await Read(stream, _stop.Token) is not { } request) return;
            var reply = Take(request);
            await reply.Play(stream, new Reply.Wire(Hung), _stop.Token);
            if (reply.Resets) socket.LingerState = new LingerOption(enable: true, seconds: 0);
            else socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // The client went away, which is often the point, or the server stops.
        }
    }

    private Reply Take(RecordedRequest request)
    {
        Reply? scripted;
        lock (_gate)
        {
            _requests.Add(request);
            foreach (var arrival in _arrivals.Where(a => a.Count <= _requests.Count).ToList())
            {
                _arrivals.Remove(arrival);
                arrival.Seen.SetResult();
            }

            _script.TryDequeue(out scripted);
        }

        return scripted ?? Otherwise?.Invoke(request) ?? Reply.Error(500, $"The script has no reply for request {Requests.Count}.");
    }

    private void Hung()
    {
        lock (_gate)
        {
            _hung.TrySetResult();
        }
    }

    private static async Task<RecordedRequest?> Read(NetworkStream stream, CancellationToken ct)
    {
        var bytes = new List<byte>();
        var buffer = new byte[16 * 1024];
        int headEnd;
        while ((headEnd = EndOfHead(bytes)) < 0)
        {
            var read = await stream.ReadAsync(buffer, ct);
            if (read == 0) return null;
            bytes.AddRange(buffer.AsSpan(0, read));
        }

        var lines = Encoding.ASCII.GetString([.. bytes[..headEnd]]).Split("\r\n");
        var first = lines[0].Split(' ');
        var headers = lines.Skip(1).Where(l => l.Length > 0).Select(l => l.Split(": ", 2))
            .ToDictionary(p => p[0], p => p[1], StringComparer.OrdinalIgnoreCase);
        var length = headers.TryGetValue("Content-Length", out var text) ? int.Parse(text) : 0;
        while (bytes.Count < headEnd + 4 + length)
        {
            var read = await stream.ReadAsync(buffer, ct);
            if (read == 0) return null;
            bytes.AddRange(buffer.AsSpan(0, read));
        }

        return new RecordedRequest(first[0], first[1], headers, Encoding.UTF8.GetString([.. bytes[(headEnd + 4)..(headEnd + 4 + length)]]));
    }

    private static int EndOfHead(List<byte> bytes)
    {
        for (var i = 0; i + 3 < bytes.Count; i++)
            if (bytes[i] == '\r' && bytes[i + 1] == '\n' && bytes[i + 2] == '\r' && bytes[i + 3] == '\n') return i;
        return -1;
    }

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
