using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography;
using AgentMesh.GrainInterfaces.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace AgentMesh.Grains.Security;

/// <summary>Stands before Orleans on each connection of a client: whoever shows no key that is known does not get to say a word to Orleans.</summary>
/// <param name="keys">Null where clients need none.</param>
internal sealed partial class ClientGate(ClientKeys? keys, TimeProvider time, ILogger<ClientGate> log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>How often a connection's key is looked up again.</summary>
    internal static readonly TimeSpan Recheck = TimeSpan.FromSeconds(15);

    public async Task OnConnection(ConnectionContext connection, ConnectionDelegate next)
    {
        byte[]? shown;
        using (var limit = new CancellationTokenSource(Patience, time))
        {
            try
            {
                (var enters, shown) = await Enter(connection.Transport, limit.Token);
                if (!enters)
                {
                    LogRefused(log, connection.RemoteEndPoint);
                    // What was said to the client must leave before the connection does.
                    await connection.Transport.Output.CompleteAsync();
                    return;
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or ConnectionResetException)
            {
                return;
            }
        }

        if (keys?.Trouble is { } trouble) LogTrouble(log, trouble);
        if (shown is null)
        {
            await next(connection);
            return;
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        var watch = Watch(connection, shown, over.Token);
        try
        {
            await next(connection);
        }
        finally
        {
            await over.CancelAsync();
            await watch;
        }
    }

    private async Task<(bool Enters, byte[]? Shown)> Enter(IDuplexPipe transport, CancellationToken ct)
    {
        if (!await Greets(transport.Input, ct)) return (keys is null, null);
        if (await Exactly.Read(transport.Input, ClientProof.HelloLength, ct) is not { } hello) return (false, null);
        if (keys is null)
        {
            await transport.Output.WriteAsync((byte[])[ClientProof.Open], ct);
            return (true, null);
        }

        var clientNonce = hello[^ClientProof.NonceLength..];
        if (hello[ClientProof.Magic.Length] == 0)
        {
            await transport.Output.WriteAsync((byte[])[ClientProof.Refused], ct);
            return (false, null);
        }

        var nonce = RandomNumberGenerator.GetBytes(ClientProof.NonceLength);
        await transport.Output.WriteAsync((byte[])[ClientProof.Challenge, .. nonce], ct);
        if (await Exactly.Read(transport.Input, ClientProof.ProofLength, ct) is not { } proof) return (false, null);
        var stored = keys.Now.FirstOrDefault(k => ClientProof.Holds(proof, k, clientNonce, nonce));
        await transport.Output.WriteAsync(stored is null ? [ClientProof.Refused] : (byte[])[ClientProof.Accepted, .. ClientProof.Answer(stored, clientNonce, nonce)], ct);
        return (stored is not null, stored);
    }

    // A client that does not know of the handshake begins as Orleans does; what it said stays for Orleans to read.
    private static async Task<bool> Greets(PipeReader input, CancellationToken ct)
    {
        var begun = await input.ReadAtLeastAsync(ClientProof.Magic.Length, ct);
        var greets = begun.Buffer.Length >= ClientProof.Magic.Length && begun.Buffer.Slice(0, ClientProof.Magic.Length).ToArray().AsSpan().SequenceEqual(ClientProof.Magic);
        input.AdvanceTo(begun.Buffer.Start);
        return greets;
    }

    private async Task Watch(ConnectionContext connection, byte[] shown, CancellationToken ct)
    {
        try
        {
            using var timer = new PeriodicTimer(Recheck, time);
            while (await timer.WaitForNextTickAsync(ct))
            {
                if (keys!.Now.Any(k => k.AsSpan().SequenceEqual(shown))) continue;
                LogRevoked(log, connection.RemoteEndPoint);
                connection.Abort(new ConnectionAbortedException("The client's key is no longer listed."));
                return;
            }
        }
        catch (OperationCanceledException)
        {
            // The connection has ended.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A client at {Remote} was refused: it shows no key that AGENTMESH_CLIENT_KEYS lists")]
    private static partial void LogRefused(ILogger log, EndPoint? remote);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The connection of the client at {Remote} is closed: its key is no longer listed")]
    private static partial void LogRevoked(ILogger log, EndPoint? remote);

    [LoggerMessage(Level = LogLevel.Error, Message = "The client keys before the change stay in use: {Trouble}")]
    private static partial void LogTrouble(ILogger log, string trouble);
}
