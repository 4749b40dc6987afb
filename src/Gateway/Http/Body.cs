using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using AgentMesh.Gateway.Limits;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace AgentMesh.Gateway.Http;

/// <summary>Reads JSON bodies, bounded and strictly.</summary>
internal static partial class Body
{
    /// <exception cref="ProblemException">The body is no such JSON; says where and what to do.</exception>
    public static async Task<T> Read<T>(HttpContext http, JsonTypeInfo<T> type, int limit, CancellationToken ct) where T : class
    {
        if (!MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var media) || !media.MatchesMediaType("application/json"))
            throw new ProblemException(415, "media-type-unsupported", "Send the body as JSON, with Content-Type: application/json.");
        Allow(http, limit);
        return Parse(await Bytes(http, limit, ct), type);
    }

    /// <summary>The whole body, which whoever reads it afterwards finds again.</summary>
    public static async Task<ReadOnlyMemory<byte>> Keep(HttpContext http, int limit, CancellationToken ct)
    {
        Allow(http, limit);
        var bytes = await Bytes(http, limit, ct);
        http.Request.Body = new MemoryStream(bytes.ToArray(), writable: false);
        return bytes;
    }

    /// <summary>Lets the server take as much as this endpoint does; the servers' own limit lies between.</summary>
    public static void Allow(HttpContext http, long limit)
    {
        if (http.Request.ContentLength > limit) throw TooLarge(limit);
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature) feature.MaxRequestBodySize = limit;
    }

    public static T Parse<T>(ReadOnlyMemory<byte> json, JsonTypeInfo<T> type) where T : class
    {
        if (json.IsEmpty) throw ProblemException.Bad("json-invalid", "The body is empty; it must be a JSON object.");
        if (!Utf8.IsValid(json.Span)) throw ProblemException.Bad("json-invalid", "The body is not UTF-8. Encode it as UTF-8.");
        try
        {
            var body = JsonSerializer.Deserialize(json.Span, type) ?? throw ProblemException.Bad("json-invalid", "The body is null; it must be a JSON object.");
            BodyCheck.Require(body, type);
            return body;
        }
        catch (JsonException e)
        {
            throw ProblemException.Bad("json-invalid", Explain(e), e);
        }
    }

    public static ProblemException TooLarge(long limit) =>
        new(413, "body-too-large", $"The body is larger than {limit / 1024.0 / 1024.0:0.#} MiB, the limit here. Send less, or leave out what does not matter.");

    private static async Task<ReadOnlyMemory<byte>> Bytes(HttpContext http, int limit, CancellationToken ct)
    {
        BodyBudget.Grow(http, http.Request.ContentLength ?? 0);
        using var buffer = new MemoryStream((int)Math.Min(http.Request.ContentLength ?? 4096, limit));
        var chunk = new byte[16 * 1024];
        while (await http.Request.Body.ReadAsync(chunk, ct) is > 0 and var read)
        {
            if (buffer.Length + read > limit) throw TooLarge(limit);
            BodyBudget.Grow(http, buffer.Length + read);
            buffer.Write(chunk, 0, read);
        }

        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }

    // The serializer names .NET types, which mean nothing to a client; its path and its reason do.
    private static string Explain(JsonException e)
    {
        var place = e.LineNumber is { } line ? $" (line {line + 1}, byte {e.BytePositionInLine + 1})" : "";
        var path = e.Path is { Length: > 2 } at && at.StartsWith("$.", StringComparison.Ordinal) ? at[2..] : "the body";
        var reason = e.Message.Split(" Path: ")[0];
        if (reason.Contains("could not be converted", StringComparison.Ordinal)) return $"The value of {path} is of the wrong type or not one of those allowed{place}.";
        if (reason.Contains("could not be mapped", StringComparison.Ordinal)) return $"There is no property {path}{place}. Correct its name or leave it out.";
        return $"The body is not the JSON that is taken here: {TypeNames().Replace(reason, "")} At {path}{place}.";
    }

    [GeneratedRegex(@"( deserialization)? (for|of|in|on|contained in) type '[^']*'", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TypeNames();
}
