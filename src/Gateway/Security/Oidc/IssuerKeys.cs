using System.Text.Json;
using AgentMesh.Gateway.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace AgentMesh.Gateway.Security.Oidc;

/// <summary>
/// The issuer's signing keys, by its discovery document. Read on first use, every hour, and when a token names a key that is not known: then once a
/// minute at most, whatever comes. While the issuer is away the keys that are known go on.
/// </summary>
internal sealed partial class IssuerKeys(OidcOptions options, HttpMessageInvoker http, TimeProvider time, ILogger<IssuerKeys> log) : IDisposable
{
    public static readonly TimeSpan Freshness = TimeSpan.FromHours(1);
    public static readonly TimeSpan Floor = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private const int LargestDocument = 512 * 1024;

    private readonly SemaphoreSlim one = new(1);
    private volatile IReadOnlyDictionary<string, SecurityKey>? keys;
    private DateTimeOffset tried = DateTimeOffset.MinValue, read = DateTimeOffset.MinValue;

    /// <summary>Null when the issuer has no such key.</summary>
    /// <exception cref="ProblemException">503: the issuer's keys were never read, and cannot be now.</exception>
    public async ValueTask<SecurityKey?> Find(string id, CancellationToken ct)
    {
        if (keys is { } now && now.TryGetValue(id, out var key) && time.GetUtcNow() - read < Freshness) return key;
        await one.WaitAsync(ct);
        try
        {
            var at = time.GetUtcNow();
            var missing = keys?.ContainsKey(id) != true || at - read >= Freshness;
            if (missing && at - tried >= Floor)
            {
                tried = at;
                await Refresh(ct);
            }
        }
        finally
        {
            one.Release();
        }

        return keys is { } known ? known.GetValueOrDefault(id)
            : throw new ProblemException(503, "issuer-unavailable", "The keys of the token's issuer cannot be read now. Try again in a minute, or use an API key.");
    }

    public void Dispose() => one.Dispose();

    private async Task Refresh(CancellationToken ct)
    {
        try
        {
            using var patience = new CancellationTokenSource(Patience, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
            using var discovery = JsonDocument.Parse(await Get(new Uri($"{options.Issuer.OriginalString.TrimEnd('/')}/.well-known/openid-configuration"), either.Token));
            if (discovery.RootElement.GetProperty("issuer").GetString() != options.Issuer.OriginalString) throw new InvalidDataException("its discovery document names another issuer");
            if (!Uri.TryCreate(discovery.RootElement.GetProperty("jwks_uri").GetString(), UriKind.Absolute, out var place) || !OidcOptions.IsSafe(place))
                throw new InvalidDataException("its jwks_uri is no https URL");
            var set = new JsonWebKeySet(await Get(place, either.Token));
            keys = set.Keys.Where(k => k is { KeyId.Length: > 0, Use: null or "" or "sig", Kty: "RSA" or "EC" }).GroupBy(k => k.KeyId, StringComparer.Ordinal)
                .ToDictionary(g => g.Key, g => (SecurityKey)g.First(), StringComparer.Ordinal);
            read = time.GetUtcNow();
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "The keys of {Issuer} could not be read")]
    private static partial void LogAway(ILogger log, Exception e, Uri issuer);
}
