using System.Security.Cryptography;
using System.Text;

namespace AgentMesh.Gateway.Security;

/// <summary><c>am_ID_SECRET</c>: the id finds the key, the secret proves it.</summary>
/// <param name="SecretHash">SHA-256 of the secret's text.</param>
public sealed record ApiKey(string Id, byte[] SecretHash)
{
    internal const string Prefix = "am_";
    internal const string Form = "A key is am_ID_SECRET: an id of 1 to 40 and a secret of 32 to 128 letters and digits.";
    private const int LongestId = 40, ShortestSecret = 32, LongestSecret = 128, IdLength = 12, SecretBytes = 32;
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <summary>Null when the text is no key.</summary>
    public static ApiKey? Parse(string text)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        var parts = text[Prefix.Length..].Split('_');
        return parts is [{ Length: > 0 and <= LongestId } id, { Length: >= ShortestSecret and <= LongestSecret } secret] && id.All(char.IsAsciiLetterOrDigit) && secret.All(char.IsAsciiLetterOrDigit)
            ? new ApiKey(id, Hash(secret)) : null;
    }

    /// <summary>A new key of 256 random bits, and its whole text, which is kept nowhere.</summary>
    public static (ApiKey Key, string Text) New()
    {
        var id = RandomNumberGenerator.GetString(Alphabet, IdLength);
        var secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes));
        return (new ApiKey(id, Hash(secret)), $"{Prefix}{id}_{secret}");
    }

    /// <summary>Takes the same time whatever differs.</summary>
    public bool IsProvenBy(ReadOnlyMemory<byte> hash) => CryptographicOperations.FixedTimeEquals(SecretHash, hash.Span);

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.ASCII.GetBytes(secret));
}
