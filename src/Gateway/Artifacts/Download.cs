using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace AgentMesh.Gateway.Artifacts;

/// <summary>Bytes that somebody outside may have written, sent so that no browser runs them: only types that cannot carry a script are named, and none is guessed.</summary>
internal static class Download
{
    private const int LongestName = 150;

    private static readonly HashSet<string> Harmless = new(StringComparer.OrdinalIgnoreCase)
    {
        "application/json", "text/plain", "text/csv", "text/tab-separated-values", "text/markdown", "image/png", "image/jpeg", "image/gif", "image/webp", "application/zip",
    };

    public static IResult Of(HttpContext http, ReadOnlyMemory<byte> bytes, string name, string mediaType)
    {
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "private, no-cache";
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(Safe(name));
        headers.ContentDisposition = disposition.ToString();
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes.Span).AsSpan(0, 16))}\"");
        return TypedResults.Bytes(bytes, Type(mediaType), entityTag: tag);
    }

    private static string Type(string mediaType)
    {
        if (!MediaTypeHeaderValue.TryParse(mediaType, out var type) || !Harmless.Contains(type.MediaType.ToString())) return "application/octet-stream";
        return type.MediaType.StartsWith("text/", StringComparison.OrdinalIgnoreCase) ? $"{type.MediaType}; charset={type.Charset.Value ?? "utf-8"}" : type.MediaType.ToString();
    }

    // What file systems and shells take for something else than a part of a name.
    private static string Safe(string name)
    {
        var safe = new string([.. name.Select(c => char.IsControl(c) || char.IsSurrogate(c) || "\"*/:<>?\\|%".Contains(c, StringComparison.Ordinal) ? '_' : c)]).Trim(' ', '.');
        return safe.Length is 0 ? "artifact" : safe.Length <= LongestName ? safe : safe[..LongestName];
    }
}
