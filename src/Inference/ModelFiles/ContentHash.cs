using System.Security.Cryptography;
using System.Text;

namespace AgentMesh.Inference.ModelFiles;

/// <summary>What a blob's name promises about its bytes.</summary>
internal enum Promise
{
    /// <summary>Nothing; the content gets its name when it is there.</summary>
    None,

    /// <summary>Large files: the sha256 of the content.</summary>
    Sha256,

    /// <summary>Small files: git's sha1 of a blob.</summary>
    GitSha1,
}

/// <summary>The hash of a file as it comes in.</summary>
internal sealed class ContentHash : IDisposable
{
    private readonly IncrementalHash hash;

    /// <param name="size">Bytes of the whole content; part of what git hashes.</param>
    public ContentHash(Promise promise, long size)
    {
        hash = IncrementalHash.CreateHash(promise == Promise.GitSha1 ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256);
        if (promise == Promise.GitSha1) hash.AppendData(Encoding.ASCII.GetBytes($"blob {size}\0"));
    }

    /// <summary>What an etag without quotes can be.</summary>
    public static Promise PromiseOf(string etag) => !etag.All(char.IsAsciiHexDigitLower) ? Promise.None : etag.Length switch
    {
        64 => Promise.Sha256,
        40 => Promise.GitSha1,
        _ => Promise.None,
    };

    public static string OfText(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    public void Add(ReadOnlySpan<byte> bytes) => hash.AppendData(bytes);

    /// <summary>Adds all that is left of a stream.</summary>
    /// <param name="moved">Hears how many bytes were read in all.</param>
    public async Task Add(Stream stream, Action<long>? moved, CancellationToken ct)
    {
        var buffer = new byte[1 << 20];
        for (long sum = 0; await stream.ReadAsync(buffer, ct) is > 0 and var read; moved?.Invoke(sum))
        {
            hash.AppendData(buffer.AsSpan(0, read));
            sum += read;
        }
    }

    /// <summary>Lower-case hexadecimal digits.</summary>
    public string End() => Convert.ToHexStringLower(hash.GetHashAndReset());

    public void Dispose() => hash.Dispose();
}
