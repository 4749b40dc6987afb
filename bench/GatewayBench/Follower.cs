using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using AgentMesh.Contracts;

namespace AgentMesh.GatewayBench;

/// <summary>
/// Follows one goal as a browser does: reconnects with the last id that it saw, until the server says that there is no more. A slow one stops reading in
/// its first connection until the server has dropped it.
/// </summary>
internal sealed class Follower(Uri server, GoalId goal, bool isSlow)
{
    /// <summary>How long a slow one reads nothing at most: a server that ends in good order drops nobody.</summary>
    private static readonly TimeSpan Stalled = TimeSpan.FromSeconds(11);
    private static readonly TimeSpan Reconnect = TimeSpan.FromMilliseconds(200);

    /// <summary>The last sequence that came, each after the one before.</summary>
    public long Last { get; private set; }
    public int Gaps { get; private set; }
    public int Repeats { get; private set; }
    public int Connections { get; private set; }

    public bool IsSlow => isSlow;

    /// <summary>The server dropped it while it read nothing.</summary>
    public bool WasDropped { get; private set; }

    /// <summary>Milliseconds from an entry's own time to its arrival.</summary>
    public List<double> Delays { get; } = [];

    public async Task Run(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                if (await Connect(ct)) return;
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                // The server stops, is away, or has dropped this one.
            }

            await Task.Delay(Reconnect, ct);
        }
    }

    /// <returns>Whether that was all.</returns>
    private async Task<bool> Connect(CancellationToken ct)
    {
        using var client = new TcpClient { NoDelay = true };
        if (isSlow) client.ReceiveBufferSize = 4096;
        await client.ConnectAsync(server.Host, server.Port, ct);
        Connections++;
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /v1/goals/{goal}/events HTTP/1.0\r\nHost: {server.Authority}\r\nLast-Event-ID: {Last}\r\n\r\n"), ct);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var status = await reader.ReadLineAsync(ct) ?? throw new IOException("No answer.");
        if (status.Contains(" 204", StringComparison.Ordinal)) return true;
        if (!status.Contains(" 200", StringComparison.Ordinal)) throw new IOException(status);
        while (await reader.ReadLineAsync(ct) is { Length: > 0 })
        {
            // The answer's head.
        }

        if (isSlow && Connections == 1) await Stall(client, ct);
        while (await reader.ReadLineAsync(ct) is { } line)
        {
            if (!line.StartsWith("id: ", StringComparison.Ordinal)) continue;
            var data = await reader.ReadLineAsync(ct);
            // Only what came whole counts.
            if (await reader.ReadLineAsync(ct) is not "") break;
            Take(long.Parse(line.AsSpan(4), CultureInfo.InvariantCulture), data!);
        }

        return false;
    }

    private void Take(long sequence, string data)
    {
        if (sequence <= Last) Repeats++;
        else if (sequence > Last + 1) Gaps++;
        Last = Math.Max(Last, sequence);
        const string time = "\"at\":\"";
        var at = data.IndexOf(time, StringComparison.Ordinal) + time.Length;
        // What was there before is no news.
        if (Connections == 1 && !isSlow) Delays.Add((DateTimeOffset.UtcNow - DateTimeOffset.Parse(data.AsSpan(at, data.IndexOf('"', at) - at), CultureInfo.InvariantCulture)).TotalMilliseconds);
    }

    // Reads nothing until the server resets the connection, which shows in the socket's state and needs no read.
    private async Task Stall(TcpClient client, CancellationToken ct)
    {
        var begun = Stopwatch.GetTimestamp();
        while (!WasDropped && Stopwatch.GetElapsedTime(begun) < Stalled)
        {
            await Task.Delay(100, ct);
            WasDropped = client.Client.Poll(0, SelectMode.SelectError) || Reset(client.Client);
        }
    }

    private static bool Reset(Socket socket) =>
        (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)! != 0 || !socket.Connected;
}
