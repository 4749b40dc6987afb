using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using AgentMesh.Contracts;
using Microsoft.AspNetCore.Connections;

namespace AgentMesh.GrainInterfaces.Security;

/// <summary>A client's side of the handshake with a gateway, on each connection before Orleans speaks.</summary>
/// <param name="key">The client's key; null for none.</param>
internal sealed class ClientHello(string? key)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <exception cref="MeshException">
    /// Code <c>client-refused</c>: the gateway wants a key, or another one. <c>gateway-closed</c>: it closed the connection without an answer.
    /// </exception>
    public async Task OnConnection(ConnectionContext connection, ConnectionDelegate next)
    {
        using (var limit = new CancellationTokenSource(Patience)) await Greet(connection, limit.Token);
        await next(connection);
    }

    private async Task Greet(ConnectionContext connection, CancellationToken ct)
    {
        var transport = connection.Transport;
        var nonce = RandomNumberGenerator.GetBytes(ClientProof.NonceLength);
        await transport.Output.WriteAsync((byte[])[.. ClientProof.Magic, (byte)(key is null ? 0 : 1), .. nonce], ct);
        switch ((await Wire(transport.Input, 1, connection, ct))[0])
        {
            case ClientProof.Open:
                return;
            case ClientProof.Challenge when key is not null:
                var challenge = await Wire(transport.Input, ClientProof.NonceLength, connection, ct);
                await transport.Output.WriteAsync(ClientProof.Prove(key, nonce, challenge), ct);
                if ((await Wire(transport.Input, 1, connection, ct))[0] != ClientProof.Accepted)
                    throw new MeshException("client-refused", $"The gateway {connection.RemoteEndPoint} does not know this client's key. Give the key that the cluster's operator lists in AGENTMESH_CLIENT_KEYS.");
                var answer = await Wire(transport.Input, ClientProof.ProofLength, connection, ct);
                if (!CryptographicOperations.FixedTimeEquals(answer, ClientProof.Answer(ClientProof.Stored(key), nonce, challenge)))
                    throw new MeshException("client-refused", $"{connection.RemoteEndPoint} took this client's key without knowing it: it is no gateway of the cluster.");
                return;
            default:
                throw new MeshException("client-refused", $"The gateway {connection.RemoteEndPoint} takes only clients with a key, and this one shows none. Set AGENTMESH_CLIENT_KEY.");
        }
    }

    private static async Task<byte[]> Wire(PipeReader input, int length, ConnectionContext connection, CancellationToken ct)
    {
        try
        {
            if (await Exactly.Read(input, length, ct) is { } message) return message;
        }
        catch (IOException)
        {
            // Closed without goodbye, which says the same.
        }

        throw new MeshException(ClientProof.Closed, $"{connection.RemoteEndPoint} closed the connection before it answered. Both sides must use TLS, with certificates of one authority, or none of them; and both must be AgentMesh's.");
    }
}

/// <summary>Reads a message of known length and leaves what follows.</summary>
internal static class Exactly
{
    /// <returns>Null when the other side has closed.</returns>
    public static async Task<byte[]?> Read(PipeReader input, int length, CancellationToken ct)
    {
        var result = await input.ReadAtLeastAsync(length, ct);
        if (result.Buffer.Length < length)
        {
            input.AdvanceTo(result.Buffer.Start);
            return null;
        }

        var message = result.Buffer.Slice(0, length);
        var bytes = message.ToArray();
        input.AdvanceTo(message.End);
        return bytes;
    }
}
