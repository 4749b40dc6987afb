using System.Text.Json;
using AgentMesh.Gateway.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace AgentMesh.Gateway.Security.Oidc;

/// <summary>
/// The issuer's signing keys, by its discovery document. Read on first use, every hour, and when a token names a key that is not known: then once a
/// minute at most, whatever comes. While the issuer is away the keys that are known go on.
/// </summary>
internal sealed partial class IssuerKeys(OidcOptions options, HttpMessageInvoker http, TimeProvider time, ILogger<IssuerKeys> log)
{
    public static readonly TimeSpan Freshness = TimeSpan.FromHours(1);
    public static readonly TimeSpan Floor = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private const int LargestDocument = 512 * 1024;

    private readonly Lock gate = new();
    private Task reading = Task.CompletedTask;
    private DateTimeOffset tried = DateTimeOffset.MinValue;
    private volatile Published? published;

    /// <summary>Null when the issuer has no such key.</summary>
    /// <exception cref="ProblemException">503: the issuer's keys were never read, and cannot be now.</exception>
    public async ValueTask<SecurityKey?> Find(string id, CancellationToken ct)
    {
        if (Known(id) is { } key) return key;
        await Read(id).WaitAsync(ct);
        return published is { } known ? known.Keys.GetValueOrDefault(id)
            : throw new ProblemException(503, "issuer-unavailable", "The keys of the token's issuer cannot be read now. Try again in a minute, or use an API key.");
    }

    private SecurityKey? Known(string id) => published is { } known && time.GetUtcNow() - known.At < Freshness ? known.Keys.GetValueOrDefault(id) : null;

    /// <summary>The reading that is under way, or one that begins now if its time has come. It is nobody's own: who leaves ends it for none of the others.</summary>
    private Task Read(string id)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            if (!reading.IsCompleted || Known(id) is not null || now - tried < Floor) return reading;
            tried = now;
            return reading = Task.Run(Refresh);
        }
    }

    private async Task Refresh()
    {
        try
        {
            using var patience = new CancellationTokenSource(Patience, time);
            using var discovery = JsonDocument.Parse(await Get(new Uri($"{options.Issuer.OriginalString.TrimEnd('/')}/.well-known/openid-configuration"), patience.Token));
            if (discovery.RootElement.GetProperty("issuer").GetString() != options.Issuer.OriginalString) throw new InvalidDataException("its discovery document names another issuer");
            if (!Uri.TryCreate(discovery.RootElement.GetProperty("jwks_uri").GetString(), UriKind.Absolute, out var place) || !OidcOptions.IsSafe(place))
                throw new InvalidDataException("its jwks_uri is no https URL");
            var set = new JsonWebKeySet(await Get(place, patience.Token));
            published = new Published(set.Keys.Where(k => k is { KeyId.Length: > 0, Use: null or "" or "sig", Kty: "RSA" or "EC" }).GroupBy(k => k.KeyId, StringComparer.Ordinal)
                .ToDictionary(g => g.Key, g => (SecurityKey)g.First(), StringComparer.Ordinal), time.GetUtcNow());
        }
        catch (Exception e)
        {
            LogAway(log, e, options.Issuer);
        }
    }

    private async Task<string> Get(Uri url, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        using var response = await http.SendAsync(request, ct);
        if (!response.IsSuccessStatusCode) throw new HttpRequestException($"{url} answers {(int)response.StatusCode}");
        await using var body = await response.Content.ReadAsStreamAsync(ct);
        var buffer = new byte[LargestDocument];
        var length = await body.ReadAtLeastAsync(buffer, LargestDocument, throwOnEndOfStream: false, ct);
        return length < LargestDocument ? System.Text.Encoding.UTF8.GetString(buffer, 0, length) : throw new InvalidDataException($"{url} sends more than any issuer should");
    }

    private sealed record Published(IReadOnlyDictionary<string, SecurityKey> Keys, DateTimeOffset At);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The keys of {Issuer} could not be read")]
    private static partial void LogAway(ILogger log, Exception e, Uri issuer);
}
