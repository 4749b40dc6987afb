using System.Security.Cryptography;
using System.Text;

namespace AgentMesh.GrainInterfaces.Security;

/// <summary>
/// What a client and a gateway say before Orleans does, so that the key itself never travels and whoever reads the gateway's file of hashed keys
/// cannot show one: the proof is the key's hash, hidden by a keyed hash of both nonces, which only who stores the hash of the hash takes off.
/// </summary>
internal static class ClientProof
{
    /// <summary>Code of a client's error: the gateway said nothing, as one that stops does, or one with other settings for TLS.</summary>
    public const string Closed = "gateway-closed";

    public const int NonceLength = 32;
    public const int ProofLength = 32;

    /// <summary>Begins the client's first message. No message of Orleans begins so: read as the length of one, it is too long.</summary>
    public static ReadOnlySpan<byte> Magic => "AgntMsh1"u8;

    /// <summary>Magic, whether it has a key, nonce.</summary>
    public const int HelloLength = 8 + 1 + NonceLength;

    /// <summary>The gateway asks for nothing.</summary>
    public const byte Open = 1;

    /// <summary>The gateway wants a proof for the nonce that follows.</summary>
    public const byte Challenge = 2;

    public const byte Accepted = 3;
    public const byte Refused = 4;

    /// <summary>What a gateway keeps of a key.</summary>
    public static byte[] Stored(string key) => SHA256.HashData(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    public static byte[] Prove(string key, ReadOnlySpan<byte> clientNonce, ReadOnlySpan<byte> gatewayNonce) =>
        Mask(SHA256.HashData(Encoding.UTF8.GetBytes(key)), Stored(key), "client"u8, clientNonce, gatewayNonce);

    public static bool Holds(ReadOnlySpan<byte> proof, byte[] stored, ReadOnlySpan<byte> clientNonce, ReadOnlySpan<byte> gatewayNonce) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Mask(proof, stored, "client"u8, clientNonce, gatewayNonce)), stored);

    /// <summary>The gateway's own proof: it knows the key that the client showed.</summary>
    public static byte[] Answer(byte[] stored, ReadOnlySpan<byte> clientNonce, ReadOnlySpan<byte> gatewayNonce) => Mask(new byte[ProofLength], stored, "gateway"u8, clientNonce, gatewayNonce);

    private static byte[] Mask(ReadOnlySpan<byte> value, byte[] stored, ReadOnlySpan<byte> side, ReadOnlySpan<byte> clientNonce, ReadOnlySpan<byte> gatewayNonce)
    {
        var mask = HMACSHA256.HashData(stored, (byte[])[.. side, .. clientNonce, .. gatewayNonce]);
        for (var i = 0; i < mask.Length; i++) mask[i] ^= value[i];
        return mask;
    }
}
